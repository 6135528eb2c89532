-- Functions as values: counters that share variables, composition, currying, folds over lists of functions.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 1200000

local function newCounter(start, step)
  local value = start
  local function advance()
    value = value + step
    return value
  end
  local function reset() value = start end
  return advance, reset
end

local function compose(f, g)
  return function(x) return f(g(x)) end
end

local function curriedAdd(a)
  return function(b)
    return function(c) return a + b + c end
  end
end

local function map(list, f)
  local result = {}
  for i = 1, #list do result[i] = f(list[i]) end
  return result
end

local function fold(list, f, initial)
  local result = initial
  for i = 1, #list do result = f(result, list[i]) end
  return result
end

-- Many counters, alive at once.
local total = 0
for i = 1, n / 10 do
  local advance, reset = newCounter(i, 3)
  for _ = 1, 8 do advance() end
  total = total + advance()
  reset()
  total = total - advance() + i + 3
end
local count = math.floor(n / 10)
if total ~= count * (count + 1) / 2 + 27 * count then error("wrong total: " .. total) end

local sum = 0
for i = 1, n do sum = sum + curriedAdd(i)(1)(2) end
if sum ~= n * (n + 1) / 2 + 3 * n then error("wrong sum: " .. sum) end

local chain = function(x) return x end
for _ = 1, 20 do chain = compose(function(x) return x + 1 end, chain) end
local chained = 0
for i = 1, n / 10 do chained = chained + chain(i) end
if chained ~= count * (count + 1) / 2 + 20 * count then error("wrong chain: " .. chained) end

local list = {}
for i = 1, 100 do list[i] = i end
local folded = 0
for i = 1, n / 100 do
  local factor = i % 5
  folded = folded + fold(map(list, function(x) return x * factor end), function(a, b) return a + b end, 0)
end
local expected = 0
for i = 1, n / 100 do expected = expected + 5050 * (i % 5) end
if folded ~= expected then error("wrong fold: " .. folded) end
print(total, sum, chained, folded)
