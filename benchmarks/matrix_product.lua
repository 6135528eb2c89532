-- The product of square matrices of floats, with the second one transposed first.
-- quick: 30
local n = tonumber(arg and arg[1]) or 300

local function newMatrix(size, element)
  local matrix = {}
  for i = 1, size do
    local row = {}
    for j = 1, size do row[j] = element(i, j) end
    matrix[i] = row
  end
  return matrix
end

local function multiply(left, right, size)
  local transposed = newMatrix(size, function(i, j) return right[j][i] end)
  local product = {}
  for i = 1, size do
    local row, result = left[i], {}
    for j = 1, size do
      local column, sum = transposed[j], 0.0
      for k = 1, size do sum = sum + row[k] * column[k] end
      result[j] = sum
    end
    product[i] = result
  end
  return product
end

local left = newMatrix(n, function(i, j) return (i - j) * (i + j) / n end)
local right = newMatrix(n, function(i, j) return (i + 2 * j) % 7 - 3.0 end)
local product = multiply(left, right, n)

-- The product applied to a vector must be the two matrices applied one after the other.
local function apply(matrix, vector)
  local result = {}
  for i = 1, n do
    local row, sum = matrix[i], 0.0
    for j = 1, n do sum = sum + row[j] * vector[j] end
    result[i] = sum
  end
  return result
end

local vector = {}
for i = 1, n do vector[i] = i % 5 - 1.5 end
local direct, stepwise = apply(product, vector), apply(left, apply(right, vector))
local trace = 0.0
for i = 1, n do
  if math.abs(direct[i] - stepwise[i]) > 1e-6 * (1 + math.abs(direct[i])) then error("wrong row " .. i) end
  trace = trace + product[i][i]
end
print(string.format("%.4f", trace))
