-- Arbitrary-precision natural numbers with operators: factorials, Fibonacci numbers, powers.
local BASE <const> = 10000000
local Big = {}
Big.__index = Big
local function normalise(digits)
  while #digits > 1 and digits[#digits] == 0 do digits[#digits] = nil end
  return setmetatable(digits, Big)
end
local function big(value)
  if getmetatable(value) == Big then return value end
  local digits = {}
  repeat
    digits[#digits + 1] = value % BASE
    value = value // BASE
  until value == 0
  return normalise(digits)
end
function Big.__add(a, b)
  a, b = big(a), big(b)
  local result, carry = {}, 0
  for i = 1, math.max(#a, #b) do
    local sum = (a[i] or 0) + (b[i] or 0) + carry
    result[i], carry = sum % BASE, sum // BASE
  end
  if carry > 0 then result[#result + 1] = carry end
  return normalise(result)
end
function Big.__sub(a, b)
  a, b = big(a), big(b)
  local result, borrow = {}, 0
  for i = 1, #a do
    local difference = a[i] - (b[i] or 0) - borrow
    borrow = difference < 0 and 1 or 0
    result[i] = difference + borrow * BASE
  end
  return normalise(result)
end
function Big.__mul(a, b)
  a, b = big(a), big(b)
  local result = {}
  for i = 1, #a + #b do result[i] = 0 end
  for i = 1, #a do
    local carry = 0
    for j = 1, #b do
      local value = a[i] * b[j] + result[i + j - 1] + carry
      result[i + j - 1], carry = value % BASE, value // BASE
    end
    result[i + #b] = result[i + #b] + carry
  end
  return normalise(result)
end
function Big.__pow(a, n)
  local result = big(1)
  while n > 0 do
    if n % 2 == 1 then result = result * a end
    a, n = a * a, n // 2
  end
  return result
end
function Big.__eq(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do if a[i] ~= b[i] then return false end end
  return true
end
function Big.__lt(a, b)
  a, b = big(a), big(b)
  if #a ~= #b then return #a < #b end
  for i = #a, 1, -1 do if a[i] ~= b[i] then return a[i] < b[i] end end
  return false
end
function Big.__le(a, b) return not (b < a) end
function Big.__tostring(a)
  local parts = { tostring(a[#a]) }
  for i = #a - 1, 1, -1 do parts[#parts + 1] = ("%07d"):format(a[i]) end
  return table.concat(parts)
end
local factorial = big(1)
for n = 1, 60 do
  factorial = factorial * n
  if n % 6 == 0 then print(n, factorial) end
end
local a, b = big(0), big(1)
for n = 1, 300 do
  a, b = b, a + b
  if n % 50 == 0 then print("F" .. n, a) end
end
print(big(2) ^ 128, big(3) ^ 100)
print(big(2) ^ 64 - 1, big(10) ^ 20 - 1)
print(big(5) < big(7), big(5) <= 5, big(10) ^ 20 > big(10) ^ 19, big(2) ^ 10 == big(1024), big(2) == big(3))
print(#tostring(big(7) ^ 500), tostring(big(7) ^ 500):sub(1, 40))
