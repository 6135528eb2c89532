-- Closures and upvalues (manual 3.5): sharing, lifetime, one variable for each iteration and each activation.

-- Counters share nothing but what they should.
do
  local function counter(start)
    local n = start
    return function(step) n = n + step return n end, function() return n end, function(value) n = value end
  end
  local add1, get1, set1 = counter(0)
  local add2, get2 = counter(100)
  add1(5)
  add2(-1)
  assert(get1() == 5 and get2() == 99)
  set1 "text"
  assert(get1() == "text" and not pcall(add1, 1) and get2() == 99)
end

-- Shared while the frame lives: the function and its closures see each other's writes.
do
  local x = 1
  local function read() return x end
  local function write(value) x = value end
  x = 2
  assert(read() == 2)
  write(3)
  assert(x == 3 and read() == 3)
  do
    local x = "inner"
    write(4)
    assert(x == "inner")
  end
  assert(x == 4)
end

-- Every loop form makes fresh variables.
do
  local list = {}
  for i = 1, 4 do list[#list + 1] = function() i = i + 1 return i end end
  for _, v in ipairs { 10, 20 } do list[#list + 1] = function() v = v + 1 return v end end
  local n = 0
  while n < 2 do
    local m = n
    list[#list + 1] = function() m = m + 1 return m end
    n = n + 1
  end
  repeat
    local m = n
    list[#list + 1] = function() m = m + 1 return m end
    n = n + 1
  until m >= 3
  local first, second = {}, {}
  for i, f in ipairs(list) do first[i] = f() end
  for i, f in ipairs(list) do second[i] = f() end
  assert(table.concat(first, " ") == "2 3 4 5 11 21 1 2 3 4" and table.concat(second, " ") == "3 4 5 6 12 22 2 3 4 5")
end

-- Recursion: each activation has its own.
do
  local function build(n)
    local functions = n > 0 and build(n - 1) or {}
    functions[#functions + 1] = function() n = n + 1 return n end
    return functions
  end
  local functions = build(5)
  assert(functions[1]() == 1 and functions[6]() == 6 and functions[6]() == 7 and functions[1]() == 2)
end

-- Deeply nested functions reach all outer levels.
do
  local a = 1
  local function one()
    local b = 10
    return function()
      local c = 100
      return function()
        a, b, c = a + 1, b + 1, c + 1
        return function() return a + b + c, function(x) a = x end end
      end
    end
  end
  local maker = one()
  local f1, f2 = maker(), maker()
  local r1 = f1()
  local r2 = f2()
  local sum, set = r2()
  assert(sum == 3 + 12 + 101 and r1() == sum)
  set(1000)
  assert(a == 1000 and r1() == 1113)
end

-- Parameters, self, varargs' named part and loop state as upvalues.
do
  local function f(a, b, ...)
    local rest = { ... }
    return function() a = a + 1 b = b .. "x" return a, b, #rest end
  end
  local g = f(1, "b", 3, 4)
  g()
  local a, b, n = g()
  assert(a == 3 and b == "bxx" and n == 2)
  local object = { value = 5 }
  function object:getter() return function() return self.value end end
  local get = object:getter()
  object.value = 6
  assert(get() == 6)
end

-- Scopes left by break, goto, return and errors close their variables.
do
  local saved
  for i = 1, 10 do
    local x = i
    saved = function() x = x + 1 return x end
    if i == 5 then break end
  end
  assert(saved() == 6 and saved() == 7)
  pcall(function()
    local y = 1
    saved = function() y = y + 1 return y end
    error "leave"
  end)
  local noise = { 1, 2, 3 }
  assert(saved() == 2 and saved() == 3 and #noise == 3)
  do
    local z = 0
    saved = function() z = z + 1 return z end
  end
  do
    local other = 55
    assert(saved() == 1 and other == 55)
  end
end

-- Upvalues of coroutines: shared with the creator, alive while suspended, alive after death.
do
  local shared = 0
  local co = coroutine.create(function()
    local own = 100
    local function bump() own = own + 1 shared = shared + 1 return own end
    coroutine.yield(bump)
    own = own + 1000
    coroutine.yield(own)
  end)
  local _, bump = coroutine.resume(co)
  assert(bump() == 101 and shared == 1)
  local _, own = coroutine.resume(co)
  assert(own == 1101 and bump() == 1102)
  coroutine.resume(co)
  assert(coroutine.status(co) == "dead" and bump() == 1103)
  co = nil
  collectgarbage()
  assert(bump() == 1104 and shared == 4)

  -- Collected while suspended: the variable must survive.
  local get
  do
    local abandoned = coroutine.wrap(function()
      local value = { "kept" }
      get = function() value[2] = (value[2] or 0) + 1 return value[1], value[2] end
      coroutine.yield()
    end)
    abandoned()
  end
  collectgarbage()
  collectgarbage()
  local text, count = get()
  assert(text == "kept" and count == 1 and select(2, get()) == 2)

  -- Killed by an error and by coroutine.close.
  local function failing(how)
    local grab
    local co = coroutine.create(function()
      local value = 1
      grab = function() value = value + 1 return value end
      if how == "error" then error "dies" end
      coroutine.yield()
    end)
    coroutine.resume(co)
    if how == "close" then coroutine.close(co) end
    return grab
  end
  for _, how in ipairs { "error", "close" } do
    local grab = failing(how)
    collectgarbage()
    assert(grab() == 2 and grab() == 3)
  end

  -- A coroutine's closure that reads the main function's variable while that is deep in its own calls.
  local main = 1
  local reader = coroutine.wrap(function() while true do coroutine.yield(main) end end)
  local function descend(n)
    main = n
    assert(reader() == n)
    if n < 100 then descend(n + 1) end
  end
  descend(1)
end

-- The stack moves under open upvalues.
do
  local x = 0
  local function grow(n)
    if n == 0 then x = x + 1 return x end
    local a, b, c, d = n, n, n, n
    local result = grow(n - 1)
    assert(a + b + c + d == 4 * n)
    return result
  end
  local depth = os.getenv "SELVAGE_GC_STRESS" and 200 or 5000
  assert(grow(depth) == 1 and x == 1 and grow(10) == 2 and x == 2)
end

-- debug.upvalueid, upvaluejoin, setupvalue and getupvalue agree with sharing.
do
  local function make()
    local a, b = 1, 2
    return function() a = a + 1 return a end, function() return a, b end
  end
  local f, g = make()
  assert(debug.getupvalue(f, 1) == "a" and select(2, debug.getupvalue(g, 2)) == 2)
  assert(debug.upvalueid(f, 1) == debug.upvalueid(g, 1) and debug.upvalueid(g, 1) ~= debug.upvalueid(g, 2))
  assert(debug.setupvalue(f, 1, 50) == "a" and g() == 50)
  local h = make()
  debug.upvaluejoin(h, 1, f, 1)
  assert(h() == 51 and g() == 51 and f() == 52)
end

-- Functional idioms in hot loops.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 20 or 1000
  local function compose(f, g) return function(...) return f(g(...)) end end
  local function curry(f, a) return function(b) return f(a, b) end end
  local function map(list, f)
    local result = {}
    for i, v in ipairs(list) do result[i] = f(v) end
    return result
  end
  local increments = {}
  for i = 1, 10 do increments[i] = curry(function(a, b) return a + b end, i) end
  for _ = 1, rounds do
    local f = compose(increments[3], compose(increments[4], increments[10]))
    assert(f(0) == 17)
    assert(table.concat(map({ 1, 2, 3 }, increments[5]), " ") == "6 7 8")
  end
  local total = 0
  local function accumulate(x) total = total + x end
  for i = 1, rounds do accumulate(i) accumulate(0.5) end
  assert(total == rounds * (rounds + 1) / 2 + rounds / 2)
end

print "ok"
