-- Solving linear systems by LU decomposition with partial pivoting: arrays of arrays of floats.
-- quick: 40
local n = tonumber(arg and arg[1]) or 280

local seed = 7
local function random()
  seed = seed * 16807 % 2147483647
  return seed / 2147483647 - 0.5
end

local function randomMatrix(size)
  local matrix = {}
  for i = 1, size do
    local row = {}
    for j = 1, size do row[j] = random() end
    matrix[i] = row
  end
  return matrix
end

-- Replaces the matrix by its two factors and returns the order of its rows and the sign of that permutation.
local function decompose(matrix, size)
  local order, sign = {}, 1
  for i = 1, size do order[i] = i end
  for k = 1, size do
    local pivot, largest = k, math.abs(matrix[k][k])
    for i = k + 1, size do
      local magnitude = math.abs(matrix[i][k])
      if magnitude > largest then pivot, largest = i, magnitude end
    end
    if pivot ~= k then
      matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
      order[k], order[pivot] = order[pivot], order[k]
      sign = -sign
    end
    local pivotRow = matrix[k]
    local inverse = 1.0 / pivotRow[k]
    for i = k + 1, size do
      local row = matrix[i]
      local factor = row[k] * inverse
      row[k] = factor
      for j = k + 1, size do row[j] = row[j] - factor * pivotRow[j] end
    end
  end
  return order, sign
end

local function solve(factors, order, size, right)
  local x = {}
  for i = 1, size do
    local row, sum = factors[i], right[order[i]]
    for j = 1, i - 1 do sum = sum - row[j] * x[j] end
    x[i] = sum
  end
  for i = size, 1, -1 do
    local row, sum = factors[i], x[i]
    for j = i + 1, size do sum = sum - row[j] * x[j] end
    x[i] = sum / row[i]
  end
  return x
end

local worst = 0.0
for _ = 1, 3 do
  local matrix = randomMatrix(n)
  local factors, right, wanted = {}, {}, {}
  for i = 1, n do wanted[i] = random() end
  for i = 1, n do
    local row, copy, sum = matrix[i], {}, 0.0
    for j = 1, n do
      copy[j] = row[j]
      sum = sum + row[j] * wanted[j]
    end
    factors[i], right[i] = copy, sum
  end
  local order = decompose(factors, n)
  local x = solve(factors, order, n, right)
  for i = 1, n do worst = math.max(worst, math.abs(x[i] - wanted[i])) end
end
if worst > 1e-8 then error("wrong solution, off by " .. worst) end
print(n, worst < 1e-8)
