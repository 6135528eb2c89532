-- Functions that leave stitched code which has numbers in registers: for the interpreter at first, then for general
-- copies of their instructions, which are made when they have left often enough. The results are the same throughout.

-- Each function is first called with one type, as long as it takes to be stitched for it, then with others.
local function phases(f, ...)
  for _, argument in ipairs({...}) do
    for i = 1, 300 do f(argument, i) end
  end
end

-- Leaving at the first instruction, in the middle, and in loops.
do
  local results = {}
  local function polynomial(x, i)
    local a = x * x
    local b = a - x
    local c = b * 2 + a
    results[i or 1] = c
    return c
  end
  phases(polynomial, 3, 1.5, "7", 3)
  assert(results[300] == 21 and math.type(results[300]) == "integer")
  assert(polynomial(1.5) == 3.75 and polynomial("7") == 133 and polynomial(1 << 62) == math.mininteger)
  local made = setmetatable({}, {__mul = function(l, r) return type(l) == "number" and 100 or 10 end,
                                 __sub = function() return 4 end})
  for _ = 1, 20 do assert(polynomial(made) == 18) end
end

do
  local function sum(t, n)
    local s = 0
    for i = 1, n do
      s = s + t[i]
      if s > 100 then s = s - 100 end
    end
    return s
  end
  local integers, floats, mixed = {}, {}, {}
  for i = 1, 50 do integers[i], floats[i], mixed[i] = i, i / 2, i % 2 == 0 and i or i + 0.5 end
  for _ = 1, 30 do
    assert(sum(integers, 50) == 75)
    assert(sum(floats, 50) == 37.5)
    assert(sum(mixed, 50) == 87.5)
    assert(math.type(sum(integers, 50)) == "integer" and math.type(sum(mixed, 50)) == "float")
  end
  for _ = 1, 30 do
    local ok, message = pcall(sum, {1, 2, {}}, 3)
    assert(not ok and message:find("attempt to perform arithmetic on a table value (field '?')", 1, true), message)
  end
end

-- Slow paths that come back where registers held something: tables that grow, new fields, collections, and metamethods
-- that yield.
do
  local function fill(n, factor)
    local t = {}
    local x = 0.5
    for i = 1, n do
      x = x * factor + i
      t[i] = x
      t[-i] = x - 1
    end
    return t, x
  end
  for round = 1, 40 do
    local t, x = fill(20, 1.25)
    assert(#t == 20 and t[20] == x and t[-20] == x - 1 and t[1] == 1.625)
  end

  local stops = 0
  local lazy = setmetatable({}, {__index = function(_, k)
    stops = stops + 1
    coroutine.yield(k)
    return k * 2
  end})
  local function work(t, n)
    local s = 0
    for i = 1, n do
      local twice = i * 2
      s = s + t[i] + twice
    end
    return s
  end
  local plain = {}
  for i = 1, 30 do plain[i] = 1 end
  for _ = 1, 20 do assert(work(plain, 30) == 30 + 930) end
  for _ = 1, 20 do
    local thread = coroutine.create(work)
    local turns = 0
    local ok, result = coroutine.resume(thread, lazy, 30)
    while coroutine.status(thread) ~= "dead" do
      assert(ok)
      turns = turns + 1
      ok, result = coroutine.resume(thread)
    end
    assert(turns == 30 and result == 930 + 930)
  end
  assert(stops == 600)
end

-- Fields of objects of several shapes, where the code was stitched for one.
do
  local function length(v)
    local x, y = v.x, v.y
    return x * x + y * y
  end
  local kinds = {{x = 1, y = 2}, {y = 2, x = 1.5}, {z = 0, x = 2, y = 3.5}, setmetatable({x = 4}, {__index = {y = 1}})}
  local expected = {5, 6.25, 16.25, 17}
  phases(length, kinds[1])
  for round = 1, 60 do
    for i, kind in ipairs(kinds) do assert(length(kind) == expected[i]) end
  end
end

-- What still runs in code that has been forgotten or stitched again leaves it, too.
do
  local function countdown(n, x, change)
    local y = x + 1
    if n > 0 then y = y + countdown(n - 1, x, change) else change() end
    local z = y * x
    return z - y * x + x
  end
  local nothing = function() end
  local isSelvage, selvage = pcall(require, "selvage")
  local flush = isSelvage and selvage.jit.flush or nothing
  for _ = 1, 200 do assert(countdown(3, 2, nothing) == 2) end
  for _ = 1, 20 do
    assert(countdown(3, 2, flush) == 2)
    assert(countdown(3, 2.5, flush) == 2.5)
    assert(countdown(3, "2", function() for _ = 1, 150 do countdown(1, 2.5, nothing) end end) == 2)
  end
end
print("ok")
