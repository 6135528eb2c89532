-- Library functions that have short cuts for common arguments: the short cut and the whole function must agree, so each
-- is called with arguments on both sides of the border, in hot loops and with results in every position.

local rounds = os.getenv "SELVAGE_GC_STRESS" and 30 or 300

local function fails(pattern, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(pattern), message)
end

-- math.max and math.min of any number of numbers of either type; the first of equal ones, and how NaN compares.
for _ = 1, rounds do
  assert(math.max(3) == 3 and math.min(3.5) == 3.5 and math.max(1, 2, 3) == 3 and math.min(3, 1, 2) == 1)
  assert(math.max(1, 2.5, 2) == 2.5 and math.min(1, 0.5, 2) == 0.5 and math.max(1.5, 2, 1) == 2)
  assert(math.type(math.max(2, 2.0)) == "integer" and math.type(math.max(2.0, 2)) == "float")
  assert(math.type(math.min(2, 2.0)) == "integer" and math.type(math.min(2.0, 2)) == "float")
  local big = (1 << 53) + 1
  assert(math.max(2.0 ^ 53, big) == big and math.max(big, 2.0 ^ 53) == big and math.min(big, 2.0 ^ 53) == 2.0 ^ 53)
  assert(math.min(-big, -2.0 ^ 53) == -big and math.max(math.maxinteger, 2.0 ^ 63) == 2.0 ^ 63)
  assert(math.min(math.mininteger, -2.0 ^ 63) == math.mininteger and math.type(math.min(math.mininteger, -2.0 ^ 63)) == "integer")
  local nan = 0 / 0
  assert(math.max(1, nan) == 1 and math.max(nan, 1) ~= math.max(nan, 1) and math.min(nan, 2, 1) ~= math.min(nan, 2, 1))
  assert(math.max(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) == 11 and math.min(-1, -2, -3, -4.5, -5, -6, -7) == -7)
end
assert(math.max "b" == "b" and math.max("a", "c", "b") == "c" and math.min("b", "a") == "a")
fails("#1 to .*max.*value expected", math.max)
fails("attempt to compare number with boolean", math.max, 1, true)
fails("attempt to compare", math.min, 1, 2, "x")

-- string.byte with ranges, all of them results, and none.
do
  local function count(...) return select("#", ...), ... end
  local text = "abcdefghijklmnopqrstuvwxyz"
  for _ = 1, rounds do
    assert(text:byte() == 97 and text:byte(2) == 98 and text:byte(-1) == 122 and text:byte(-26) == 97)
    assert(select("#", text:byte(27)) == 0 and select("#", text:byte(-27)) == 0 and select("#", text:byte(0)) == 0)
    local n, a, b, c = count(text:byte(2, 4))
    assert(n == 3 and a == 98 and b == 99 and c == 100)
    n, a = count(text:byte(-2, -1))
    assert(n == 2 and a == 121 and count(text:byte(3, 2)) == 0 and count(text:byte(1, 20)) == 20)
    assert(count(text:byte(1, -1)) == 26 and count(text:byte(0, 100)) == 26 and count(("x"):rep(30):byte(1, 21)) == 21)
    local x, y, z = text:byte(25, 30)
    assert(x == 121 and y == 122 and z == nil)
    assert(text:byte("2") == 98 and text:byte(2.0, nil) == 98 and string.byte(12, 2) == 50)
    local packed = { text:byte(1, 3), text:byte(1, 3) }
    assert(#packed == 4 and packed[1] == 97 and packed[2] == 97 and packed[4] == 99)
  end
end

-- string.sub and string.char, of every length around the border between short and long strings.
do
  local text = ""
  for i = 1, 60 do text = text .. string.char(64 + i % 26) end
  for from = -3, 62 do
    for _, to in ipairs { -62, -1, 0, 1, from, from + 5, 38, 39, 40, 41, 60, 99, math.maxinteger, math.mininteger } do
      local first = from < 0 and math.max(60 + from + 1, 1) or math.max(from, 1)
      local last = to < 0 and (to < -60 and 0 or 60 + to + 1) or math.min(to, 60)
      local expected = {}
      for i = first, last do expected[#expected + 1] = text:byte(i) end
      local slice = text:sub(from, to)
      assert(#slice == #expected and slice == string.char(table.unpack(expected)))
    end
  end
  assert(text:sub(2) == text:sub("2", -1) and text:sub(2.0, 3) == text:sub(2, 3) and text:sub(-3) == text:sub(58, 60))
  assert(text:sub(1) == text and text:sub(-60, 60) == text and string.sub(1234, 2, 3) == "23")
  assert(string.char() == "" and string.char(0, 255, 10) == "\0\255\n" and #string.char(table.unpack({ text:byte(1, -1) })) == 60)
  fails("#2 to .*char.*value out of range", string.char, 1, 256)
  fails("#1 to .*char.*value out of range", string.char, -1)
  fails("#2 to .*sub.*number expected, got no value", string.sub, "x")
end

-- table.insert and table.remove at the end, in tables whose next elements are in the array part, in the hash part, under
-- a metatable, or nowhere.
do
  for _ = 1, rounds // 10 do
    local t = {}
    for i = 1, 40 do
      table.insert(t, i)
      assert(#t == i and t[i] == i)
    end
    t.name, t[-1], t[100] = "t", 1, 2
    table.insert(t, 41)
    assert(t[41] == 41 and #t == 41)
    for i = 41, 1, -1 do assert(table.remove(t) == i and #t == i - 1) end
    assert(table.remove(t) == nil and #t == 0 and t.name == "t" and t[100] == 2)
    local holes = { 1, nil, 3 }
    assert(table.remove(holes) == 3)
    assert(#holes == 1 and table.remove(holes) == 1 and next(holes) == nil)
    local sparse = { [2] = "two" }
    table.insert(sparse, "one")
    assert(#sparse == 2 and sparse[1] == "one" and table.remove(sparse) == "two" and table.remove(sparse) == "one")
  end
  local log = {}
  local watched = setmetatable({}, { __newindex = function(t, k, v) log[#log + 1] = k rawset(t, k, v) end })
  for i = 1, 5 do table.insert(watched, i) end
  assert(#log == 5 and table.remove(watched) == 5 and #watched == 4)
  local long = setmetatable({ 1, 2, 3 }, { __len = function() return 10 end })
  table.insert(long, "eleventh")
  assert(rawget(long, 11) == "eleventh" and table.remove(long) == nil and rawlen(long) == 3)
  fails("table expected, got nil", table.insert, nil, 1)
  fails("wrong number of arguments to 'insert'", table.insert, {})
  fails("wrong number of arguments to 'insert'", table.insert, {}, 1, 2, 3)
  local t = {}
  table.insert(t, nil)
  assert(#t == 0 and select("#", table.insert(t, 1)) == 0 and select("#", table.remove({})) == 1)
end

-- table.unpack of whole arrays and ranges, through metamethods, with room and without.
do
  local function count(...) return select("#", ...) end
  local t = { 1, 2, 3 }
  for _ = 1, rounds do
    local a, b, c, d = table.unpack(t)
    assert(a == 1 and b == 2 and c == 3 and d == nil and count(table.unpack(t)) == 3 and count(table.unpack {}) == 0)
    a, b = table.unpack(t, 2)
    assert(a == 2 and b == 3 and count(table.unpack(t, 2, 5)) == 4 and count(table.unpack(t, 3, 2)) == 0)
    assert(select(4, table.unpack(t, 2, 5)) == nil and count(table.unpack(t, -1, 1)) == 3)
    assert(count(table.unpack(t, "1", 2.0)) == 2 and count(table.unpack({ n = 1 }, 1, 3)) == 3)
  end
  local mixed = { 1, 2, [5] = 5 }
  assert(select(5, table.unpack(mixed, 1, 5)) == 5)
  local proxy = setmetatable({ "own" }, { __index = function(_, i) return i * 10 end, __len = function() return 3 end })
  local a, b, c = table.unpack(proxy)
  assert(a == "own" and b == 20 and c == 30)
  local large = {}
  for i = 1, 5000 do large[i] = i end
  assert(count(table.unpack(large)) == 5000 and select(-1, table.unpack(large)) == 5000)
  fails("too many results to unpack", table.unpack, {}, 1, 1e7)
  fails("too many results to unpack", table.unpack, {}, math.mininteger, math.maxinteger)
  assert(table.unpack({ [math.maxinteger] = "end" }, math.maxinteger, math.maxinteger) == "end")
end

-- setmetatable: the same change again and again, protected ones, finalizers that appear later.
do
  local class = {}
  class.__index = class
  function class:double() return self.n * 2 end
  for i = 1, rounds do
    local object = setmetatable({ n = i }, class)
    assert(object:double() == 2 * i and getmetatable(object) == class)
    assert(setmetatable(object, nil) == object and getmetatable(object) == nil and object.double == nil)
    local dictionary = {}
    for j = 1, 5 do dictionary[j] = j end
    assert(setmetatable(dictionary, class)[5] == 5 and dictionary.double == class.double)
  end
  local finalized = 0
  for i = 1, rounds do
    setmetatable({ n = i }, class)
    if i == rounds // 2 then class.__gc = function() finalized = finalized + 1 end end
  end
  collectgarbage()
  collectgarbage()
  assert(finalized >= rounds // 2 - 1, finalized)
  class.__gc = nil
  local protected = setmetatable({}, { __metatable = "hands off" })
  fails("cannot change a protected metatable", setmetatable, protected, class)
  fails("#2 to .*setmetatable.*nil or table expected", setmetatable, {}, 1)
  -- A watched table that gets a metatable itself.
  local base, derived = { inherited = "no" }, {}
  derived.__index = derived
  local object = setmetatable({}, derived)
  local function read(o) return o.inherited end
  for round = 1, 50 do
    setmetatable(derived, nil)
    assert(read(object) == nil)
    setmetatable(derived, { __index = { inherited = round } })
    assert(read(object) == round)
    setmetatable(derived, nil)
    setmetatable(derived, base)
    base.__index = base
    assert(read(object) == "no")
  end
end

-- tostring and tonumber of what already is what is wanted, and of all else.
for i = 1, rounds do
  assert(tostring "text" == "text" and tostring(i) == ("%d"):format(i) and tostring(i + 0.5) == i .. ".5")
  assert(tostring(nil) == "nil" and tostring(true) == "true" and tostring(1e15) == "1e+15" and tostring(-0.0) == "-0.0")
  assert(tonumber(i) == i and tonumber(1.5) == 1.5 and tonumber "0x10" == 16 and tonumber(nil) == nil and tonumber("z", 36) == 35)
  assert(tonumber {} == nil and math.tointeger(3.0) == 3 and math.tointeger(3.5) == nil and math.tointeger(i) == i)
end
fails("value expected", tostring)
fails("value expected", tonumber)
