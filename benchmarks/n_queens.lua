-- All placements of n queens on an n by n board, column by column, with arrays for the attacked rows and diagonals.
-- quick: 7
local n = tonumber(arg and arg[1]) or 10

local function solve(size)
  local rowTaken, rising, falling = {}, {}, {}
  for i = 1, size do rowTaken[i] = false end
  for i = 1, 2 * size do rising[i], falling[i] = false, false end
  local solutions, tried = 0, 0

  local function place(column)
    for row = 1, size do
      tried = tried + 1
      local up, down = row + column, row - column + size
      if not rowTaken[row] and not rising[up] and not falling[down] then
        if column == size then
          solutions = solutions + 1
        else
          rowTaken[row], rising[up], falling[down] = true, true, true
          place(column + 1)
          rowTaken[row], rising[up], falling[down] = false, false, false
        end
      end
    end
  end

  place(1)
  return solutions, tried
end

local known = { 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200 }
local total = 0
for _ = 1, 14 do
  local solutions = solve(n)
  if known[n] and solutions ~= known[n] then error("wrong number of solutions: " .. solutions) end
  total = total + solutions
end
print(total)
