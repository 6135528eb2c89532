-- Code that is hot for one kind of value and then gets another: every point where compiled code has to leave for a
-- slower path, be entered in the middle of a loop, or be left by an error or a yield.

local stress = os.getenv "SELVAGE_GC_STRESS"
local many = stress and 200 or 20000
local some = stress and 50 or 1000

local Number = {}
Number.__index = Number
local function new(value) return setmetatable({ value = value }, Number) end
local function raw(x) return type(x) == "table" and x.value or x end
Number.__add = function(a, b) return new(raw(a) + raw(b)) end
Number.__sub = function(a, b) return new(raw(a) - raw(b)) end
Number.__mul = function(a, b) return new(raw(a) * raw(b)) end
Number.__lt = function(a, b) return raw(a) < raw(b) end
Number.__le = function(a, b) return raw(a) <= raw(b) end
Number.__eq = function(a, b) return raw(a) == raw(b) end
Number.__unm = function(a) return new(-raw(a)) end

-- A running loop whose accumulator turns from integer to float to string to object.
do
  local function run(n)
    local sum = 0
    for i = 1, n do
      if i == n // 4 then sum = sum + 0.5 end
      if i == n // 2 then sum = tostring(sum) end
      if i == 3 * n // 4 then sum = new(sum) end
      sum = sum + 1
    end
    return sum
  end
  local result = run(many)
  assert(getmetatable(result) == Number and result.value == many + 0.5)
  for _ = 1, 5 do assert(run(some).value == some + 0.5) end
end

-- One small function, called hot with each kind of operands in turn, then mixed.
do
  local function arithmetic(a, b) return a + b, a - b, a * b end
  local function compare(a, b) return a < b, a <= b, a == b, a > b, a >= b, a ~= b end
  local kinds = {
    { 7, 3 }, { 7.5, 3.25 }, { 7, 3.5 }, { 7.5, 3 }, { "7", 3 }, { 7, "3" }, { "7.5", "3" }, { new(7), 3 }, { 7, new(3) },
    { new(7), new(3) },
  }
  local function verify(a, b)
    local x, y = tonumber(raw(a)) or raw(a), tonumber(raw(b)) or raw(b)
    local sum, difference, product = arithmetic(a, b)
    assert(raw(sum) == x + y and raw(difference) == x - y and raw(product) == x * y)
    assert(math.type(raw(sum)) == math.type(x + y))
    if type(a) ~= "string" and type(b) ~= "string" then
      local lt, le, eq, gt, ge, ne = compare(a, b)
      assert(lt == (x < y) and le == (x <= y) and gt == (x > y) and ge == (x >= y) and eq == not ne and not eq)
    end
  end
  for _, kind in ipairs(kinds) do
    for _ = 1, some // 2 do verify(kind[1], kind[2]) end
  end
  for i = 1, some do verify(table.unpack(kinds[i * 7 % #kinds + 1])) end
end

-- Errors out of hot loops; the loop's variables are exact where they are seen afterwards.
do
  local function work(list, state)
    for i = 1, #list do
      state.at = i
      state.sum = state.sum + list[i]
    end
    return state.sum
  end
  local list = {}
  for i = 1, some do list[i] = i end
  for round = 1, 20 do
    local state = { sum = 0 }
    assert(work(list, state) == some * (some + 1) // 2)
    local position = some // 2 + round
    list[position] = round % 2 == 0 and {} or nil
    if list[position] == nil then list[position] = false end
    state = { sum = 0 }
    local ok, message = pcall(work, list, state)
    assert(not ok and message:find "attempt to perform arithmetic on a %a+ value %(field '%?'%)", message)
    assert(state.at == position and state.sum == position * (position - 1) // 2)
    list[position] = position
  end
  local progress
  local function locals(n)
    local a, b, c = 0, 0.0, ""
    progress = function() return a, b, c end
    for i = 1, n do
      a = a + 1
      b = b + 0.5
      if i % 100 == 0 then c = c .. "x" end
      if i == n then local t = nil; a = t.field end
    end
  end
  local ok, message = pcall(locals, some)
  local a, b, c = progress()
  assert(not ok and message:find "local 't'" and a == some and b == some / 2 and #c == some // 100)
  for i = 1, some do
    local ok, result = pcall(function(n)
      local total = 0
      for j = 1, 10 do
        if j == n then error(total) end
        total = total + j
      end
      return total
    end, i % 12)
    if i % 12 >= 1 and i % 12 <= 10 then
      assert(not ok and result == (i % 12 - 1) * (i % 12) // 2)
    else
      assert(ok and result == 55)
    end
  end
end

-- Very long loops with calls, closures made inside, and upvalues that the loop changes.
do
  local counter = 0
  local function increment(by) counter = counter + by return counter end
  for i = 1, many do increment(i & 1) end
  assert(counter == many // 2)
  local last
  for i = 1, many do
    local x = i * 2
    if i % 1000 == 0 then last = function() return x, i end end
  end
  if last then assert(last() == many // 1000 * 2000) end
  local n, steps = 27, 0
  while n ~= 1 do
    if n % 2 == 0 then n = n // 2 else n = 3 * n + 1 end
    steps = steps + 1
  end
  assert(steps == 111)
end

-- A loop that is entered in the middle: the function is called once and runs long, after a prologue of other types.
do
  local function once(n)
    local x, y, z = "prologue", nil, 0
    local t = { 1, 2, 3 }
    for i = 1, 3 do x = x .. i end
    repeat
      z = z + #t
      y = (y or 0) + z
      if z % 2 == 0 then x = z else x = z + 0.0 end
    until z >= n
    local w = 0
    while w < n do
      w = w + 1
      if w == 10 then t = { 4 } end
    end
    for i = n, 1, -1 do z = z - 1 end
    return x, y, z, w, #t
  end
  local x, y, z, w, length = once(3 * some)
  assert(x == 3 * some and y == 3 * some * (some + 1) // 2 and z == 0 and w == 3 * some and length == 1)
end

-- Deep nests of loops, of all kinds, with breaks at every level.
do
  local function nest(n)
    local count = 0
    for a = 1, n do
      local b = 0
      while true do
        b = b + 1
        if b > n then break end
        local c = n
        repeat
          c = c - 1
          for d = 1.0, 3.0 do
            for _, e in ipairs { 1, 2 } do
              if d == 2.0 then goto continue end
              if e == 2 and c == 1 then break end
              count = count + 1
              ::continue::
            end
          end
        until c <= 0
      end
    end
    return count
  end
  assert(nest(4) == 4 * 4 * (3 * 4 + 2) and nest(4) == 224)
  if not stress then assert(nest(8) == 8 * 8 * (7 * 4 + 2)) end
end

-- Coroutines in hot loops: yields from compiled code, also out of nested calls and of metamethods.
do
  local function producer(n)
    local sum = 0
    for i = 1, n do
      sum = sum + coroutine.yield(i, sum)
    end
    return "end", sum
  end
  local co = coroutine.wrap(producer)
  local i, sum = co(some)
  local expected = 0
  while i ~= "end" do
    assert(sum == expected)
    local value = i % 3 == 0 and i or i % 3 == 1 and i + 0.5 or tostring(i)
    expected = expected + value
    i, sum = co(value)
  end
  assert(sum == expected)
  local yielding = setmetatable({}, { __add = function(_, x) return coroutine.yield(x) end, __index = function(_, k) return coroutine.yield(k) end })
  local function loop(n)
    local t = { }
    for i = 1, n do
      local a = yielding + i
      local b = yielding.field
      t[i] = a .. b
    end
    return t
  end
  local co = coroutine.create(loop)
  local _, value = coroutine.resume(co, some // 10)
  while coroutine.status(co) == "suspended" do _, value = coroutine.resume(co, value) end
  assert(#value == some // 10 and value[5] == "5field")
  -- The same function inside and outside of coroutines, alternately.
  local function countdown(n, f)
    while n > 0 do
      n = n - 1
      f(n)
    end
    return n
  end
  for round = 1, some // 10 do
    assert(countdown(10, function() end) == 0)
    local seen = 0
    for _ in coroutine.wrap(function() countdown(10, coroutine.yield) end) do seen = seen + 1 end
    assert(seen == 10)
  end
end

-- Recursive functions that change their types on the way.
do
  local function fibonacci(n)
    if n < 2 then return n end
    return fibonacci(n - 1) + fibonacci(n - 2)
  end
  assert(fibonacci(15) == 610 and math.type(fibonacci(15)) == "integer")
  assert(fibonacci(15.0) == 610.0 and math.type(fibonacci(15.0)) == "float")
  assert(raw(fibonacci(new(10))) == 55)
  assert(fibonacci(16) == 987 and not pcall(fibonacci, {}) and not pcall(fibonacci, "x"))
  local function mixed(n, acc)
    if n == 0 then return acc end
    if n % 5 == 0 then return mixed(n - 1, tostring(acc)) end
    if n % 7 == 0 then return mixed(n - 1, acc * 1.0) end
    if n % 11 == 0 then return mixed(n - 1, acc // 1 | 0) end
    return mixed(n - 1, acc + n)
  end
  local first = mixed(50, 0)
  for _ = 1, 50 do assert(mixed(50, 0) == first) end
  local function ackermann(m, n)
    if m == 0 then return n + 1 end
    if n == 0 then return ackermann(m - 1, 1) end
    return ackermann(m - 1, ackermann(m, n - 1))
  end
  assert(ackermann(2, 6) == 15 and ackermann(2, 6.0) == 15.0)
  -- Integers that overflow in the middle, floats that become infinite.
  local function factorial(n) if n <= 1 then return n end return n * factorial(n - 1) end
  assert(factorial(20) == 2432902008176640000 and factorial(21) == -4249290049419214848 and factorial(171.0) == math.huge)
end

-- Conditions on values of all types, and logical operators whose operands change.
do
  local function choose(a, b, c) return a and b or c end
  local function test(x) if x then return "yes" else return "no" end end
  local function both(a, b) return not (a and b), not (a or b) end
  local values = { false, 0, "", 0.0, {}, print, true }
  values[8] = nil
  for i = 1, some do
    local v = values[i % 8 + 1]
    assert(test(v) == ((v == nil or v == false) and "no" or "yes"))
    assert(choose(v, i, -i) == ((v == nil or v == false) and -i or i))
    local a, b = both(v, true)
    assert(a == (test(v) == "no") and b == false)
  end
end

-- Array elements of changing types and growing arrays under a hot loop; holes; reads beyond the end.
do
  local function fill(t, n, make)
    for i = 1, n do t[i] = make(i) end
    return t
  end
  local function total(t)
    local sum = 0
    for i = 1, #t do sum = sum + t[i] end
    return sum
  end
  local expected = some * (some + 1) // 2
  local t = {}
  assert(total(fill(t, some, function(i) return i end)) == expected)
  assert(total(fill(t, some, function(i) return i + 0.5 end)) == expected + some / 2)
  assert(total(fill(t, some, function(i) return tostring(i) end)) == expected)
  assert(raw(total(fill(t, some, new))) == expected)
  assert(total(fill({}, some, function(i) return i % 2 == 0 and i or i + 0.0 end)) == expected)
  local function read(t, i) return t[i] end
  for i = -some, 2 * some do
    local v = read(t, i)
    assert((v == nil) == (i < 1 or i > some))
  end
  assert(read(t, 1.0).value == 1 and read(t, 1.5) == nil and read(t, "1") == nil and read(t, nil) == nil)
  assert(read("string", "len") == string.len and not pcall(read, nil, 1) and not pcall(read, 5, 1))
  local function write(t, i, v) t[i] = v end
  local u = {}
  for i = some, 1, -1 do write(u, i, i) end
  for i = 1, some do write(u, i + 0.0, -i) end
  assert(#u == some and u[some] == -some)
  assert(not pcall(write, u, nil, 1) and not pcall(write, u, 0 / 0, 1) and not pcall(write, nil, 1, 1))
end

-- Numeric for with bounds of changing types through one instruction.
do
  local function run(a, b, c)
    local n, last = 0, nil
    for i = a, b, c do
      n = n + 1
      last = i
    end
    return n, last
  end
  for i = 1, some // 4 do
    local n, last = run(1, i, 1)
    assert(n == i and last == i and math.type(last) == "integer")
    n, last = run(1.0, i, 1)
    assert(n == i and last == i and math.type(last) == "float")
    n, last = run(i, 1, -2)
    assert(n == (i + 1) // 2)
    n, last = run(1, 2, 0.25)
    assert(n == 5 and last == 2.0)
    if i % 10 == 0 then
      assert(not pcall(run, 1, nil, 1) and not pcall(run, 1, 2, 0) and not pcall(run, {}, 2, 1))
      assert(run(math.maxinteger - 2, math.maxinteger, 1) == 3 and run(1, 0, 1) == 0)
    end
  end
end

-- Functions called with fewer, exact and more arguments; other callees at one call; natives in between.
do
  local function target(a, b, c) return a, b, c end
  local function apply(f, ...) return f(...) end
  local function two(f, a, b) local x, y = f(a, b) return x, y end
  local callees = {
    function(a) return a end, function(a, b) return b, a end, function(...) return select("#", ...), ... end, function() end,
    math.max, rawequal, setmetatable({}, { __call = function(_, a, b) return a, b end }),
    coroutine.wrap(function(...) while true do coroutine.yield("co", 1) end end),
  }
  for i = 1, some do
    local f = callees[i % 8 + 1]
    local x, y = two(f, i, i)
    local p, q = apply(f, i, i)
    assert(x == p and y == q)
    assert(select("#", apply(target)) == 3 and select(3, apply(target, 1, 2, 3, 4)) == 3)
    if i % 100 == 0 then
      assert(not pcall(two, nil, 1, 2) and not pcall(apply, {}, 1))
      assert(select("#", apply(apply, apply, target, i)) == 3)
    end
  end
end

-- Mutual recursion of hot functions, one of which is replaced while it is active.
do
  local isOdd
  local function isEven(n) if n == 0 then return true end return isOdd(n - 1) end
  isOdd = function(n) if n == 0 then return false end return isEven(n - 1) end
  for i = 1, 200 do assert(isEven(i) == (i % 2 == 0)) end
  local depth = 0
  function replaceable(n)
    depth = depth + 1
    if n == 50 then
      replaceable = function(m) depth = depth + 100 return m end
    end
    if n == 0 then return 0 end
    return 1 + replaceable(n - 1)
  end
  assert(replaceable(100) == 51 + 49 and depth == 51 + 100)
  replaceable = nil
end

-- Integer and float specialised code meets the edges.
do
  local function step(x) return x + 1, x - 1, x * 2, -x end
  local function shift(x, n) return x << n, x >> n, x & 0xff, ~x end
  for i = 1, some do
    step(i)
    shift(i, i % 70)
  end
  local a, b, c, d = step(math.maxinteger)
  assert(a == math.mininteger and b == math.maxinteger - 1 and c == -2 and d == -math.maxinteger)
  a, b, c, d = step(math.mininteger)
  assert(a == math.mininteger + 1 and b == math.maxinteger and c == 0 and d == math.mininteger)
  a, b, c, d = step(0.1)
  assert(a == 1.1 and b == -0.9 and c == 0.2 and d == -0.1)
  a = shift(2.0 ^ 40, 1)
  assert(a == 1 << 41 and not pcall(shift, 0.5, 1) and not pcall(shift, {}, 1))
  local function divide(x, y) return x // y, x % y end
  for i = 1, some do
    local q, r = divide(i - some // 2, i % 7 + 1)
    assert(q * (i % 7 + 1) + r == i - some // 2 and r >= 0 and r <= i % 7)
  end
  assert(not pcall(divide, 1, 0) and divide(1, 0.0) == math.huge and divide(math.mininteger, -1) == math.mininteger)
  assert(select(2, divide(math.mininteger, -1)) == 0 and select(2, divide(-7, 3)) == 2 and select(2, divide(7, -3)) == -2)
  assert(select(2, divide(5.5, -2)) == -0.5 and divide(-5.5, 2) == -3.0)
end

print "ok"
