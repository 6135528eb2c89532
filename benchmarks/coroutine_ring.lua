-- Coroutines: a token that travels around a ring of them, a pipeline of generators, and a recursive tree walk.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 900000

local yield, wrap, create, resume = coroutine.yield, coroutine.wrap, coroutine.create, coroutine.resume

-- ---- a ring: each member adds one to the token and passes it on ----

local members = 100
local ring = {}
for i = 1, members do
  ring[i] = create(function(token)
    while true do token = yield(token + 1) end
  end)
end
local token = 0
for step = 1, n do
  local fine
  fine, token = resume(ring[step % members + 1], token)
  if not fine then error(token) end
end
if token ~= n then error("wrong token: " .. token) end

-- ---- a pipeline: numbers, filtered, grouped, added ----

local function numbers(limit)
  return wrap(function()
    for i = 1, limit do yield(i) end
  end)
end

local function multiplesOf(divisor, source)
  return wrap(function()
    for value in source do
      if value % divisor == 0 then yield(value) end
    end
  end)
end

local function pairsOf(source)
  return wrap(function()
    for first in source do
      local second = source()
      yield(first, second or 0)
      if not second then return end
    end
  end)
end

local limit = math.floor(n / 2)
local sum = 0
for first, second in pairsOf(multiplesOf(3, numbers(limit))) do sum = sum + first + second end
local multiples = math.floor(limit / 3)
if sum ~= 3 * multiples * (multiples + 1) / 2 then error("wrong sum: " .. sum) end

-- ---- a tree, walked in order by a recursive generator ----

local function build(low, high)
  if low > high then return nil end
  local middle = math.floor((low + high) / 2)
  return { key = middle, left = build(low, middle - 1), right = build(middle + 1, high) }
end

local function walk(tree)
  if tree then
    walk(tree.left)
    yield(tree.key)
    walk(tree.right)
  end
end

local expected = 0
for key in wrap(function() walk(build(1, limit)) end) do
  expected = expected + 1
  if key ~= expected then error("wrong key: " .. key) end
end
if expected ~= limit then error("the walk ended at " .. expected) end
print(token, sum, expected)
