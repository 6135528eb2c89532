-- Assignments and local declarations with lists (manual 3.3.3 and 3.3.7).

local function three() return 1, 2, 3 end
local function none() end

-- Adjustment.
do
  local a, b, c, d = three()
  assert(a == 1 and b == 2 and c == 3 and d == nil)
  a, b = three()
  assert(a == 1 and b == 2)
  a, b, c = 0, three()
  assert(a == 0 and b == 1 and c == 2)
  a, b, c = three(), 10
  assert(a == 1 and b == 10 and c == nil)
  a, b, c, d = three(), three()
  assert(a == 1 and b == 1 and c == 2 and d == 3)
  a, b = none()
  assert(a == nil and b == nil)
  a, b, c = none(), 5
  assert(a == nil and b == 5 and c == nil)
  a, b = (three())
  assert(a == 1 and b == nil)
  local evaluated = false
  a = 1, (function() evaluated = true end)()
  assert(a == 1 and evaluated)
  local e, f = 1
  assert(e == 1 and f == nil)
  local g, h = 1, 2, three()
  assert(g == 1 and h == 2)
end

-- All expressions are evaluated before any assignment: swaps and rotations.
do
  local a, b, c = 1, 2, 3
  a, b = b, a
  assert(a == 2 and b == 1)
  a, b, c = c, a, b
  assert(a == 3 and b == 2 and c == 1)
  local t = { 1, 2, 3 }
  t[1], t[2], t[3] = t[3], t[1], t[2]
  assert(t[1] == 3 and t[2] == 1 and t[3] == 2)
  local i = 1
  i, t[i] = i + 1, 20
  assert(i == 2 and t[1] == 20 and t[2] == 1)
  t.x, t.y = 1, 2
  t.x, t.y = t.y, t.x
  assert(t.x == 2 and t.y == 1)
  x, y = 1, 2
  x, y = y, x
  assert(x == 2 and y == 1)
  x, y = nil, nil
end

-- The table and key of a target are those from before the assignment, even if the same list changes them.
do
  local t = { name = "first" }
  local u = t
  t, t.name = { name = "second" }, "changed"
  assert(u.name == "changed" and t.name == "second")
  local key = "a"
  local v = {}
  v[key], key = 1, "b"
  assert(v.a == 1 and v.b == nil and key == "b")
  local w = { {}, {} }
  local index = 1
  index, w[index].f, w[index + 1].f = 2, "one", "two"
  assert(w[1].f == "one" and w[2].f == "two" and index == 2)
  local p = { 1, 2 }
  local function swap(list, i, j) list[i], list[j] = list[j], list[i] end
  swap(p, 1, 2)
  assert(p[1] == 2 and p[2] == 1)
  local up = { n = 1 }
  local function f()
    local old = up
    up, up.n = { n = 5 }, 9
    return old
  end
  assert(f().n == 9 and up.n == 5)
end

-- Prefix expressions and keys are evaluated before the values, and calls in order.
do
  local order = {}
  local function trace(name, value)
    order[#order + 1] = name
    return value
  end
  local t = {}
  trace("t1", t)[trace("k1", 1)], trace("t2", t)[trace("k2", 2)] = trace("v1", "x"), trace("v2", "y")
  assert(table.concat(order, " ") == "t1 k1 t2 k2 v1 v2" and t[1] == "x" and t[2] == "y")
  order = {}
  local list = { trace "a", trace "b", [trace("k", "key")] = trace "v", trace "c" }
  assert(table.concat(order, " ") == "a b k v c" and #list == 0)
  order = {}
  local function f() return trace "f" end
  local _ = { (function() return trace("g") end)(), f() }
  local a = trace("left", 1) + trace("right", 2) * trace("third", 3)
  assert(a == 7 and table.concat(order, " ") == "g f left right third")
  order = {}
  local b = trace("x", 1) < trace("y", 2)
  local c = trace("p", 1) > trace("q", 2)
  assert(b and not c and table.concat(order, " ") == "x y p q")
end

-- Operands read before a call that changes them.
do
  local a = 1
  local function change() a = a + 10 return 1 end
  local t = { value = 1 }
  local function changeField() t.value = 100 return 1 end
  assert(t.value + changeField() == 2)
  assert(changeField() + t.value == 101)
  local g = 5
  local list = { g, (function() g = 6 return g end)(), g }
  assert(list[2] == 6 and list[3] == 6)
  assert(change() == 1 and a == 11)
end

-- A local is not in scope in its own initializer.
do
  local x = 1
  local x = x + 1
  assert(x == 2)
  local x, y = x * 10, x
  assert(x == 20 and y == 2)
  local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end
  assert(fact(10) == 3628800)
  local outer = outer
  assert(outer == nil)
end

-- Assignments between locals, upvalues, globals and fields in every combination.
do
  local up1, up2 = "u1", "u2"
  globalOne, globalTwo = "g1", "g2"
  local t = { f = "f1", "i1" }
  local function rotate(l1)
    l1, up1, globalOne, t.f, t[1] = up1, globalOne, t.f, t[1], l1
    up2, globalTwo = globalTwo, up2
    return l1
  end
  assert(rotate "l1" == "u1" and up1 == "g1" and globalOne == "f1" and t.f == "i1" and t[1] == "l1")
  assert(up2 == "g2" and globalTwo == "u2")
  globalOne, globalTwo = nil, nil
end

-- Metamethods see each assignment of a list.
do
  local log = {}
  local proxy = setmetatable({}, { __newindex = function(_, k, v) log[#log + 1] = k .. "=" .. tostring(v) end })
  proxy.a, proxy.b, proxy.c = three()
  table.sort(log)
  assert(table.concat(log, " ") == "a=1 b=2 c=3")
end

-- Long lists.
do
  local names, numbers = {}, {}
  for i = 1, 150 do
    names[i] = "v" .. i
    numbers[i] = tostring(i)
  end
  local source = "local " .. table.concat(names, ", ") .. " = " .. table.concat(numbers, ", ") .. "\n"
    .. table.concat(names, ", ", 1, 40) .. " = " .. table.concat(names, ", ", 2, 41) .. "\n"
    .. "return v1, v40, v41, v150"
  local a, b, c, d = load(source)()
  assert(a == 2 and b == 41 and c == 41 and d == 150)
end

-- Fewer results than wanted: the rest is nil, whatever stood in those slots before.
do
  local function some(n, ...) if n > 0 then return ... end end
  local function scribble(...) local a, b, c, d, e = 1, 2, 3, 4, 5 return ..., a + b + c + d + e end
  local missing = 0
  for i = 1, 300 do
    scribble(i)
    local a, b, c, d = some(i % 3, i, i)
    if i % 3 == 0 then assert(a == nil) missing = missing + 1 else assert(a == i and b == i) end
    assert(c == nil and d == nil)
    scribble(i)
    local x, y = select(2, i)
    assert(x == nil and y == nil)
    if some(0) then error "a result from nowhere" end
    local t = {some(0), some(0), some(i % 2, i)}
    assert(t[1] == nil and t[2] == nil and t[3] == (i % 2 == 1 and i or nil))
  end
  assert(missing == 100)
  -- An iterator that gives less from turn to turn.
  local turns = 0
  local function shrink(_, n)
    if n == 3 then return end
    if n == 2 then return 3 end
    if n == 1 then return 2, "b" end
    return 1, "a", "A"
  end
  for _ = 1, 100 do
    for n, lower, upper in shrink, nil, 0 do
      turns = turns + 1
      assert(lower == ({"a", "b"})[n] and upper == ({"A"})[n])
    end
  end
  assert(turns == 300)
end

-- Hot swaps with changing types.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 100 or 5000
  local a, b, c = 1, 2.5, "s"
  for _ = 1, rounds * 3 do
    a, b, c = b, c, a
  end
  assert(a == 1 and b == 2.5 and c == "s")
  local first, second = 0, 1
  for _ = 1, 90 do first, second = second, first + second end
  assert(first == 2880067194370816120)
end

print "ok"
