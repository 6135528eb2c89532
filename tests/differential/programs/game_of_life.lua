-- Conway's game on a torus and on an unbounded plane.
local function parse(picture)
  local cells, y = {}, 0
  for line in picture:gmatch "[^\n]+" do
    y = y + 1
    for x = 1, #line do
      if line:sub(x, x) == "O" then cells[#cells + 1] = { x, y } end
    end
  end
  return cells
end
local Torus = {}
Torus.__index = Torus
function Torus.new(width, height, cells)
  local grid = setmetatable({ width = width, height = height }, Torus)
  for y = 1, height do
    grid[y] = {}
    for x = 1, width do grid[y][x] = 0 end
  end
  for _, cell in ipairs(cells) do grid[cell[2]][cell[1]] = 1 end
  return grid
end
function Torus:neighbours(x, y)
  local count = -self[y][x]
  for dy = -1, 1 do
    local row = self[(y + dy - 1) % self.height + 1]
    for dx = -1, 1 do count = count + row[(x + dx - 1) % self.width + 1] end
  end
  return count
end
function Torus:step()
  local following = Torus.new(self.width, self.height, {})
  for y = 1, self.height do
    for x = 1, self.width do
      local n = self:neighbours(x, y)
      following[y][x] = (n == 3 or n == 2 and self[y][x] == 1) and 1 or 0
    end
  end
  return following
end
function Torus:__tostring()
  local lines = {}
  for y = 1, self.height do lines[y] = table.concat(self[y]):gsub("0", "."):gsub("1", "O") end
  return table.concat(lines, "\n")
end
local glider = parse ".O.\n..O\nOOO"
local grid = Torus.new(10, 8, glider)
for generation = 0, 40 do
  if generation % 10 == 0 then print("generation " .. generation) print(grid) end
  grid = grid:step()
end
-- Unbounded: a set of cells whose keys are packed coordinates.
local function pack(x, y) return x << 32 | y & 0xffffffff end
local function unpackKey(key)
  local y = key & 0xffffffff
  if y >= 1 << 31 then y = y - (1 << 32) end
  return (key - (y & 0xffffffff)) >> 32, y
end
local function evolve(live)
  local counts = {}
  for key in pairs(live) do
    local x, y = unpackKey(key)
    for dx = -1, 1 do
      for dy = -1, 1 do
        if dx ~= 0 or dy ~= 0 then
          local neighbour = pack(x + dx, y + dy)
          counts[neighbour] = (counts[neighbour] or 0) + 1
        end
      end
    end
  end
  local following = {}
  for key, n in pairs(counts) do
    if n == 3 or n == 2 and live[key] then following[key] = true end
  end
  return following
end
local live = {}
for _, cell in ipairs(parse ".OO\nOO.\n.O.") do live[pack(cell[1], cell[2])] = true end
for generation = 0, 100 do
  if generation % 10 == 0 then
    local population, sumX, sumY = 0, 0, 0
    for key in pairs(live) do
      local x, y = unpackKey(key)
      population, sumX, sumY = population + 1, sumX + (x & 0xff), sumY + y
    end
    print(generation, population, sumX, sumY)
  end
  live = evolve(live)
end
