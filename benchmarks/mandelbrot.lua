-- How many points of a grid belong to the Mandelbrot set: float arithmetic in local variables.
-- quick: 60
local n = tonumber(arg and arg[1]) or 800
local maxTurns = 50

local function turnsUntilEscape(cr, ci)
  local zr, zi = 0.0, 0.0
  for turn = 1, maxTurns do
    local rr, ii = zr * zr, zi * zi
    if rr + ii > 4.0 then return turn end
    zi = 2.0 * zr * zi + ci
    zr = rr - ii + cr
  end
  return 0
end

local inside, turns = 0, 0
for row = 0, n - 1 do
  local ci = 2.0 * row / n - 1.0
  for column = 0, n - 1 do
    local escaped = turnsUntilEscape(2.0 * column / n - 1.5, ci)
    if escaped == 0 then inside = inside + 1 else turns = turns + escaped end
  end
end

local known = { [60] = { 1428, 18352 }, [800] = { 254359, 3288387 } }
if known[n] and (inside ~= known[n][1] or turns ~= known[n][2]) then
  error("wrong result: " .. inside .. " " .. turns)
end
-- The window holds nearly all of the set, whose area is 1.507, and the points that take long to escape.
if n >= 50 and math.abs(inside / (n * n) * 4 - 1.55) > 0.1 then error("implausible area: " .. inside) end
print(inside, turns)
