-- The Mandelbrot set in characters, a Julia set, and checksums of the escape counts.
local function escape(cr, ci, limit)
  local zr, zi = 0.0, 0.0
  for n = 1, limit do
    local zr2, zi2 = zr * zr, zi * zi
    if zr2 + zi2 > 4.0 then return n end
    zi = 2 * zr * zi + ci
    zr = zr2 - zi2 + cr
  end
  return 0
end
local shades = " .:-=+*#%@"
local checksum = 0
for row = 0, 20 do
  local line = {}
  for column = 0, 60 do
    local n = escape(column / 60 * 3 - 2.2, row / 20 * 2.4 - 1.2, 60)
    checksum = checksum * 31 + n
    local shade = n == 0 and #shades or n % 9 + 1
    line[#line + 1] = shades:sub(shade, shade)
  end
  print((table.concat(line):gsub("%s+$", "")))
end
print(checksum)
local function julia(zr, zi)
  for n = 1, 50 do
    zr, zi = zr * zr - zi * zi - 0.8, 2 * zr * zi + 0.156
    if zr * zr + zi * zi > 4 then return n end
  end
  return 50
end
local total = 0
for y = -12, 12 do
  local sum = 0
  for x = -20, 20 do sum = sum + julia(x / 12, y / 12) end
  total = total + sum
  io.write(sum, " ")
end
print(total)
