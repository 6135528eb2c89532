-- Vararg functions and the adjustment of value lists (manual 3.4.11 and 3.4.12).

local function count(...) return select("#", ...) end
local function pass(...) return ... end
local function values(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return table.unpack(list, 1, n)
end

-- Extra arguments and missing ones.
do
  local function f(a, b, ...) return a, b, count(...), ... end
  local a, b, n, first = f()
  assert(a == nil and b == nil and n == 0 and first == nil)
  a, b, n, first = f(1)
  assert(a == 1 and b == nil and n == 0)
  a, b, n, first = f(1, 2, 3, nil)
  assert(a == 1 and b == 2 and n == 2 and first == 3)
  assert(count(f(1, 2, 3, nil)) == 5 and count(f()) == 3)
end

-- Only the last expression of a list is expanded; parentheses cut to one value.
assert(count(pass(1, 2), pass(3, 4)) == 3 and count((pass(1, 2))) == 1 and count((pass())) == 1 and count(pass()) == 0)
assert(count(pass(), pass()) == 1 and count(nil, pass()) == 1 and count(pass(nil, nil)) == 2)
do
  local function last(...) return 0, ... end
  local function cut(...) return (...) end
  local function middle(...) return ..., 9 end
  assert(count(last()) == 1 and count(last(1, 2)) == 3 and count(cut()) == 1 and cut(7, 8) == 7)
  local x, y = middle(1, 2, 3)
  assert(x == 1 and y == 9 and count(middle()) == 2)
  local a, b, c = ..., 1
  assert(a == nil and b == 1 and c == nil)
end

-- In table constructors.
do
  local function collect(...) return { ... } end
  local function bracket(...) return { "a", ..., "z" }, { "a", (...) }, { ..., n = count(...) }, { [1] = "x", ... } end
  assert(#collect(1, 2, 3) == 3 and #collect() == 0 and collect(values(300))[300] == 300)
  local t1, t2, t3, t4 = bracket(5, 6)
  assert(#t1 == 3 and t1[2] == 5 and t1[3] == "z" and #t2 == 2 and #t3 == 1 and t3[1] == 5 and t3.n == 2 and t4[1] == 5 and t4[2] == 6)
  for n = 0, 120, 7 do
    local t = { 0, 0, values(n) }
    assert(#t == n + 2 and (n == 0 or t[n + 2] == n))
  end
end

-- In calls with fixed arguments before, nested, through pcall and coroutines.
do
  local function sum(...)
    local total = 0
    for i = 1, select("#", ...) do total = total + (select(i, ...)) end
    return total
  end
  assert(sum(values(10)) == 55 and sum(100, values(10)) == 155 and sum() == 0)
  local function forward(...) return sum(1, ...) end
  assert(forward(values(5)) == 16 and forward() == 1)
  local ok, total = pcall(sum, values(4))
  assert(ok and total == 10)
  local co = coroutine.wrap(function(...)
    local n = count(...)
    while true do n = n + count(coroutine.yield(n, ...)) end
  end)
  assert(count(co(1, 2)) == 3 and co(1, nil, nil) == 5 and co() == 5)
end

-- select with negative numbers and errors.
assert(select(-1, 1, 2, 3) == 3 and count(select(-2, 1, 2, 3)) == 2 and count(select(4, 1, 2, 3)) == 0)
assert(not pcall(select, 0, 1) and not pcall(select, -2, 1) and not pcall(select, "x"))

-- A vararg function keeps its own extra arguments while it calls others and itself.
do
  local function deep(depth, ...)
    if depth == 0 then return count(...) end
    local inner = deep(depth - 1, depth, ...)
    local first = ...
    if depth < 5 then assert(first == depth + 1) end
    return inner
  end
  assert(deep(5) == 5)
  local function fibonacci(n, ...)
    if n < 2 then return n, ... end
    local a = fibonacci(n - 1, n, ...)
    local b = fibonacci(n - 2, ...)
    return a + b, ...
  end
  assert(fibonacci(15, "x", "y") == 610)
  assert(select(3, fibonacci(5, "x", "y")) == "y")
end

-- Assigning to named parameters leaves the rest alone; locals do not disturb varargs.
do
  local function f(a, ...)
    a = "changed"
    local b, c, d = ...
    b = nil
    local e = { ... }
    return a, e[1], ...
  end
  local a, b, c, d = f(1, 2, 3)
  assert(a == "changed" and b == 2 and c == 2 and d == 3)
end

-- Closures in vararg functions capture parameters, not the list.
do
  local function make(a, ...)
    local rest = table.pack(...)
    return function(...) a = a + count(...) return a, rest.n end
  end
  local f = make(10, "p", "q", "r")
  local x, n = f(1, 2)
  assert(x == 12 and n == 3 and f() == 12 and f(nil) == 13)
end

-- Many arguments and results.
do
  local n = os.getenv "SELVAGE_GC_STRESS" and 1000 or 100000
  assert(count(values(n)) == n and select(n, values(n)) == n)
  local function tail(...) return pass(...) end
  assert(count(tail(values(n))) == n)
  local t = { values(n) }
  assert(#t == n and t[n] == n)
  assert(not pcall(function() return table.unpack({}, 1, 1e8) end))
  local function manyParameters(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, ...)
    return a12, count(...)
  end
  local a12, rest = manyParameters(values(20))
  assert(a12 == 12 and rest == 8)
  a12, rest = manyParameters(1)
  assert(a12 == nil and rest == 0)
end

-- Hot calls with changing numbers of arguments.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 50 or 2000
  local function f(...)
    local a, b, c = ...
    return (a or 0) + (b or 0) * 10 + (c or 0) * 100 + count(...) * 1000
  end
  for _ = 1, rounds do
    assert(f() == 0 and f(1) == 1001 and f(1, 2) == 2021 and f(1, 2, 3) == 3321 and f(1, 2, 3, 4) == 4321)
    assert(f(pass(1, 2)) == 2021 and f(0, pass(1, 2)) == 3210 and f(pass()) == 0)
  end
end

-- The main chunk is a vararg function.
assert(load "return select('#', ...)"(1, nil, nil) == 3)
assert(load "local a, b = ... return b"(1, 2) == 2)
do
  local f, message = load "function f() return ... end"
  assert(not f and message:find("cannot use '...' outside a vararg function", 1, true))
end

print "ok"
