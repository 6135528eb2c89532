-- Conway's game of life on a torus: a Gosper gun's glider stream, cells in arrays of arrays.
-- quick: 10
local n = tonumber(arg and arg[1]) or 1000

local gun = {
  "........................#...........",
  "......................#.#...........",
  "............##......##............##",
  "...........#...#....##............##",
  "##........#.....#...##..............",
  "##........#...#.##....#.#...........",
  "..........#.....#.......#...........",
  "...........#...#....................",
  "............##......................",
}

local width, height = 96, 80

local function emptyGrid()
  local grid = {}
  for y = 1, height do
    local row = {}
    for x = 1, width do row[x] = 0 end
    grid[y] = row
  end
  return grid
end

local function step(grid, result)
  local above, here = grid[height], grid[1]
  for y = 1, height do
    local below = grid[y < height and y + 1 or 1]
    local output = result[y]
    local west = above[width] + here[width] + below[width]
    local middle = above[1] + here[1] + below[1]
    for x = 1, width do
      local right = x < width and x + 1 or 1
      local east = above[right] + here[right] + below[right]
      local sum = west + middle + east  -- of the cell and its eight neighbours
      if sum == 3 or (sum == 4 and here[x] == 1) then output[x] = 1 else output[x] = 0 end
      west, middle = middle, east
    end
    above, here = here, below
  end
end

local function population(grid)
  local count = 0
  for y = 1, height do
    for x = 1, width do count = count + grid[y][x] end
  end
  return count
end

local grid, other = emptyGrid(), emptyGrid()
for y, line in ipairs(gun) do
  for x = 1, #line do
    if line:sub(x, x) == "#" then grid[y + 2][x + 2] = 1 end
  end
end
if population(grid) ~= 36 then error("wrong gun") end
for generation = 1, n do
  step(grid, other)
  grid, other = other, grid
  -- Every 30 generations the gun is itself again, with one more glider of five cells, until these come around.
  if generation % 30 == 0 and generation <= 150 and population(grid) ~= 36 + 5 * generation / 30 then
    error("wrong population after " .. generation .. " generations: " .. population(grid))
  end
end
local known = { [10] = 48, [1000] = 43 }
local count = population(grid)
if known[n] and count ~= known[n] then error("wrong population: " .. count) end
print(count)
