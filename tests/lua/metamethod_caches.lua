-- Operators and calls of tables and userdata whose metamethods are found again and again through a cache, and then are
-- others: replaced, removed, moved to the other operand, called from functions with full frames, failing, yielding.

local rounds = os.getenv "SELVAGE_GC_STRESS" and 30 or 300

local operators = {
  __add = function(a, b) return a + b end,
  __sub = function(a, b) return a - b end,
  __mul = function(a, b) return a * b end,
  __div = function(a, b) return a / b end,
  __mod = function(a, b) return a % b end,
  __pow = function(a, b) return a ^ b end,
  __idiv = function(a, b) return a // b end,
  __band = function(a, b) return a & b end,
  __bor = function(a, b) return a | b end,
  __bxor = function(a, b) return a ~ b end,
  __shl = function(a, b) return a << b end,
  __shr = function(a, b) return a >> b end,
  __lt = function(a, b) return a < b end,
  __le = function(a, b) return a <= b end,
}

for name, operate in pairs(operators) do
  local isComparison = name == "__lt" or name == "__le"
  local first, second = { name = "first" }, { name = "second" }
  local a, b = setmetatable({}, first), setmetatable({}, second)
  local log
  local function method(tag)
    return function(x, y)
      log = { tag, x, y }
      return tag, "second result"
    end
  end
  local function check(tag, x, y)
    local result = operate(x, y)
    assert(log[1] == tag and rawequal(log[2], x) and rawequal(log[3], y))
    if isComparison then assert(result == (tag and true)) else assert(result == tag) end
  end
  for _ = 1, rounds // 10 do
    assert(not pcall(operate, a, b))
    first[name] = method "one"
    check("one", a, b)
    check("one", a, 5)
    check("one", 5, a)
    check("one", b, a)
    second[name] = method "two"
    check("two", b, a)
    check("one", a, b)
    check("two", 1.5, b)
    if not isComparison then check("one", "10", a) end
    first[name] = method "three"
    check("three", a, b)
    first[name] = nil
    check("two", a, b)
    first[name] = setmetatable({}, { __call = function(_, x, y) log = { "callable", x, y } return "callable" end })
    check("callable", a, b)
    first[name] = function() end
    if isComparison then assert(operate(a, b) == false) else assert(operate(a, b) == nil) end
    first[name], second[name] = nil, nil
  end
end

-- Unary operators, length, equality.
do
  local class = { __unm = function(a) return { "minus", a } end, __bnot = function(a) return "not" end, __len = function(a) return a.n end }
  class.__eq = function(a, b) return a.n == b.n end
  local function object(n) return setmetatable({ n = n }, class) end
  local other = setmetatable({ n = 3 }, {})
  for i = 1, rounds do
    local x = object(i)
    assert((-x)[2] == x and ~x == "not" and #x == i)
    assert(x == object(i) and x ~= object(-i) and x ~= {} and rawequal(x, x))
    assert(object(3) == other and other == object(3) and other ~= object(4) and other ~= setmetatable({ n = 3 }, {}))
    assert(x ~= 1 and x ~= "1" and x ~= nil and x ~= print)
    local before = class.__eq
    class.__eq = function(a, b) return a.n == -b.n end
    assert(x ~= object(i) and x == object(-i))
    class.__eq = nil
    assert(x ~= object(i) and x ~= object(-i))
    class.__eq = before
  end
  local array = setmetatable({ 1, 2, 3 }, {})
  for i = 1, rounds do
    assert(#array == 3)
    getmetatable(array).__len = function() return i end
    assert(#array == i)
    getmetatable(array).__len = nil
    array[4] = 4
    assert(#array == 4)
    array[4] = nil
    array.field = i
  end
end

-- Numbers with a metatable of their own: theirs comes first.
if debug and debug.setmetatable then
  local vector = setmetatable({}, { __add = function() return "vector" end })
  local function add(a, b) return a + b end
  for _ = 1, rounds do assert(add(1, vector) == "vector") end
  debug.setmetatable(0, { __add = function() return "number" end })
  assert(add(1, vector) == "number" and add(vector, 1) == "vector" and add(1, 2) == 3)
  debug.setmetatable(0, nil)
  assert(add(1, vector) == "vector")
end

-- In deep recursion, with errors, and with coroutines that are left and entered within a metamethod.
do
  local class = {}
  local function object(n) return setmetatable({ n = n }, class) end
  function class.__add(a, b)
    if b.n == 0 then return a end
    return object(a.n + 1) + object(b.n - 1)
  end
  function class.__lt(a, b)
    if b.n == 0 then error { a = a.n } end
    return object(a.n + 1) < object(b.n - 1)
  end
  assert((object(0) + object(120)).n == 120)
  local ok, message = pcall(function() return object(0) < object(120) end)
  assert(not ok and message.a == 120)
  function class.__sub(a, b) return coroutine.yield(a.n - b.n) end
  function class.__le(a, b) return coroutine.yield(a.n <= b.n) end
  local run = coroutine.wrap(function()
    local sum = 0
    for i = 1, rounds do
      sum = sum + (object(i) - object(1))
      if object(i) <= object(2) then sum = sum + 1000 end
    end
    return "sum", sum
  end)
  local given, sum = run(), 0
  for i = 1, rounds do
    assert(given == i - 1)
    sum = sum + i
    assert(run(i) == (i <= 2))
    local kind
    given, kind = run(i % 2 == 0)
    if i % 2 == 0 then sum = sum + 1000 end
    if i == rounds then assert(given == "sum" and kind == sum) end
  end
end

-- The order of strings, whose comparison leaves the way of tables and numbers at the same instruction.
do
  local function compare(a, b) return a < b, a <= b, a > b, a >= b end
  local function check(a, b, isLess, isEqual)
    local lt, le, gt, ge = compare(a, b)
    assert(lt == isLess and le == (isLess or isEqual) and gt == (not isLess and not isEqual) and ge == not isLess)
  end
  local long = ("x"):rep(50)
  local object = setmetatable({}, { __lt = function() return true end, __le = function() return true end })
  for _ = 1, rounds do
    check("a", "b", true, false)
    check("b", "a", false, false)
    check("", "", false, true)
    check("", "\0", true, false)
    check("a\0a", "a\0b", true, false)
    check("a\0", "a", false, false)
    check(long, long .. "", false, true)
    check(long, long .. "y", true, false)
    check(1, 2.5, true, false)
    local lt, le, gt, ge = compare("a", object)
    assert(lt and le and gt and ge and not pcall(compare, "1", 2) and not pcall(compare, 1, "2"))
    local n = 0
    for _, name in ipairs { "delta", "alpha", "charlie", "bravo" } do
      if name < "charlie" then n = n + 1 end
      if "bravo" <= name then n = n + 10 end
    end
    assert(n == 32)
  end
end

-- Operands that are userdata, alone and beside numbers and tables.
do
  local file, other = io.tmpfile(), io.tmpfile()
  local metatable = getmetatable(file)
  local class = setmetatable({}, {})
  for name, operate in pairs(operators) do
    local isComparison = name == "__lt" or name == "__le"
    local function check(tag, x, y)
      local result = operate(x, y)
      if isComparison then assert(result == (tag and true)) else assert(result == tag) end
    end
    for _, pair in ipairs { { file, other }, { file, 1 }, { 2, file }, { file, class }, { class, file } } do
      local x, y = pair[1], pair[2]
      for tag = 1, 3 do
        metatable[name] = function(a, b)
          assert(rawequal(a, x) and rawequal(b, y))
          return tag
        end
        for _ = 1, rounds // 10 do check(tag, x, y) end
        getmetatable(class)[name] = function() return -tag end
        for _ = 1, rounds // 10 do check(x == class and -tag or tag, x, y) end
        getmetatable(class)[name] = nil
      end
      metatable[name] = nil
      assert(not pcall(operate, x, y))
    end
  end
  for tag = 1, 3 do
    metatable.__unm = function(a, b) return rawequal(a, file) and rawequal(b, file) and tag end
    metatable.__bnot = metatable.__unm
    metatable.__len = metatable.__unm
    metatable.__eq = function(a, b) return rawequal(a, file) and rawequal(b, other) and tag == 2 end
    for _ = 1, rounds do
      assert(-file == tag and ~file == tag and #file == tag and (file == other) == (tag == 2) and file ~= class)
    end
    metatable.__unm, metatable.__bnot, metatable.__len, metatable.__eq = nil, nil, nil, nil
    assert(not pcall(function() return -file end) and not pcall(function() return #file end) and file ~= other)
  end
end

-- Metamethods of strings, of booleans and numbers come before the other operand's, whenever they appear or go.
do
  local strings = getmetatable ""
  local object = setmetatable({}, {
    __add = function(a, b) return "object+" .. type(a) .. type(b) end,
    __concat = function(a, b) return type(a) .. ".." .. type(b) end,
  })
  local function add(a, b) return a + b end
  local function minus(a) return -a end
  local function join(a, b) return a .. b end
  local function join3(a, b, c) return a .. b .. c end
  local add0, unm0 = strings.__add, strings.__unm
  for round = 1, 200 do
    assert(add("10", round) == 10 + round and add(round, "0x10") == round + 16 and add("1.5", "2") == 3.5 and add(" 7 ", 1) == 8)
    assert(math.type(add("3", "4")) == "integer" and math.type(add("3", 4.0)) == "float" and add("1e1", 1) == 11.0)
    assert(add("9223372036854775807", 1) == math.mininteger and add("9223372036854775808", 0) == 2.0 ^ 63)
    assert(add("999999999999999999", "1") == 1000000000000000000 and add("-5", "5") == 0)
    assert(minus "2" == -2 and minus "-2.5" == 2.5 and math.type(minus "0") == "integer")
    assert(not pcall(add, "x", 1) and not pcall(add, "", 1) and not pcall(add, "1", {}) and not pcall(minus, "1x"))
    assert("7" // "2" == 3 and "-7" // 2 == -4 and "7" % "4" == 3 and "1" / "4" == 0.25 and "2" ^ "3" == 8.0 and "6" * "7" == 42)
    assert(not pcall(function() return "1" // "0" end) and not pcall(function() return "1" % 0 end))
    assert(add(object, "1") == "object+tablestring" and add("1", object) == "object+stringtable" and add(1, object) == "object+numbertable")
    assert(join(object, "x") == "table..string" and join("x", object) == "string..table" and join(1, object) == "number..table")
    assert(join(object, object) == "table..table" and join3("a", "b", object) == "astring..table")
    assert(join3(object, 1, 2) == "table..string" and join3("a", object, "b") == "atable..string")
    if round % 50 == 0 then
      strings.__add = function(a, b) return tostring(a) .. "&" .. tostring(b) end
      strings.__unm = function(a) return a:reverse() end
      strings.__concat = function() return "both" end
      assert(add("1", 2) == "1&2" and add(2, "1") == "2&1" and add("1", object):find "^1&table" and minus "abc" == "cba")
      assert(join("x", object) == "both" and join("x", "y") == "xy" and join(object, "x") == "table..string")
      strings.__add, strings.__unm, strings.__concat = nil, unm0, nil
      assert(not pcall(add, "1", 2) and minus "3" == -3 and add("1", object) == "object+stringtable")
      strings.__add = add0
      debug.setmetatable(true, {__add = function() return "boolean" end})
      assert(add(true, 1) == "boolean" and add(false, object) == "boolean" and add(object, false) == "object+tableboolean")
      debug.setmetatable(true, nil)
      debug.setmetatable(1, {__concat = function() return "number" end, __add = function() return "sum" end})
      assert(join(1, object) == "number" and join(1, 2) == "12" and add(1, 2) == 3 and add(1, object) == "sum" and add(object, 1) ~= "sum")
      debug.setmetatable(1, nil)
    end
  end
end

-- __call with all kinds of arguments, when it is exchanged, and when it yields.
do
  local meta = { __call = function(self, ...) return select("#", ...), ... end }
  local f = setmetatable({}, meta)
  local function call(...) return f(...) end
  for i = 1, 20 do
    local n, first = f(i, "x")
    assert(n == 2 and first == i)
  end
  assert(call() == 0 and select("#", call(nil, nil, nil)) == 4)
  local many = table.pack(call(table.unpack({}, 1, 200)))
  assert(many.n == 201 and many[1] == 200)
  meta.__call = function(self) return self end
  assert(call(1) == f and f() == f)
  meta.__call = setmetatable({}, { __call = function(first, second, third) return first, second, third end })
  for _ = 1, 5 do
    local a, b, c = f("argument")
    assert(a == meta.__call and b == f and c == "argument")
  end
  meta.__call = nil
  local ok, message = pcall(call)
  assert(not ok and message:find("attempt to call a table value (upvalue 'f')", 1, true))
  -- native functions
  meta.__call = rawlen
  assert(f() == 0)
  meta.__call = function(_, v) return coroutine.yield("call", v) end
  for i = 1, 5 do
    local run = coroutine.wrap(function() return call(i), f("second") end)
    local kind, v = run()
    assert(kind == "call" and v == i)
    kind, v = run("C")
    assert(kind == "call" and v == "second")
    local first, second = run("D")
    assert(first == "C" and second == "D")
  end
end
