-- The largest singular value of an infinite matrix by the power method: float arithmetic, small calls, arrays.
-- quick: 40
local n = tonumber(arg and arg[1]) or 520

local function element(i, j)
  local diagonal = i + j - 1
  return 1.0 / (diagonal * (diagonal - 1) * 0.5 + i)
end

local function multiply(source, result)
  for i = 1, n do
    local sum = 0.0
    for j = 1, n do sum = sum + element(i, j) * source[j] end
    result[i] = sum
  end
end

local function multiplyTransposed(source, result)
  for i = 1, n do
    local sum = 0.0
    for j = 1, n do sum = sum + element(j, i) * source[j] end
    result[i] = sum
  end
end

local u, v, between = {}, {}, {}
for i = 1, n do u[i], v[i], between[i] = 1.0, 0.0, 0.0 end
for _ = 1, 10 do
  multiply(u, between)
  multiplyTransposed(between, v)
  multiply(v, between)
  multiplyTransposed(between, u)
end

local product, square = 0.0, 0.0
for i = 1, n do
  product = product + u[i] * v[i]
  square = square + v[i] * v[i]
end
local norm = math.sqrt(product / square)
-- The norm of the infinite matrix is 1.274224152...; a finite part comes close to it from below.
if norm > 1.2742241529 or norm < 1.2740 then error("wrong norm: " .. norm) end
local known = { [100] = "1.274219991", [520] = "1.274224120" }
if known[n] and string.format("%.9f", norm) ~= known[n] then error("wrong norm: " .. norm) end
print(string.format("%.9f", norm))
