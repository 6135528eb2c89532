-- The functions of the string library that know neither patterns nor formats, and the metatable of strings.

local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "an error was expected: " .. expected)
  assert(string.find(message, expected, 1, true), message)
end

local long = string.rep("0123456789", 100)

-- len
assert(string.len("") == 0 and #"" == 0)
assert(string.len("a\0b\0") == 4 and ("\0\0\0"):len() == 3)
assert(string.len(12.5) == 4 and string.len(-7) == 2)
fails("string expected, got no value", string.len)
fails("string expected, got nil", string.len, nil)
fails("string expected, got table", string.len, {})
fails("string expected, got boolean", string.len, true)

-- sub
assert(string.sub("123456789", 2, 4) == "234")
assert(string.sub("123456789", 7) == "789")
assert(string.sub("123456789", 7, 6) == "")
assert(string.sub("123456789", 7, 7) == "7")
assert(string.sub("123456789", 0, 0) == "")
assert(string.sub("123456789", -10, 10) == "123456789")
assert(string.sub("123456789", 1, 9) == "123456789")
assert(string.sub("123456789", -10, -20) == "")
assert(string.sub("123456789", -1) == "9")
assert(string.sub("123456789", -4) == "6789")
assert(string.sub("123456789", -6, -4) == "456")
assert(string.sub("123456789", math.mininteger, -4) == "123456")
assert(string.sub("123456789", math.mininteger, math.maxinteger) == "123456789")
assert(string.sub("123456789", math.mininteger, math.mininteger) == "")
assert(string.sub("123456789", math.maxinteger) == "")
assert(string.sub("\000123456789", 3, 5) == "234")
assert(("\000123456789"):sub(8) == "789")
assert(string.sub("abc", "2") == "bc" and string.sub("abc", 2.0) == "bc")
assert(string.sub("abc", 2, nil) == "bc")
assert(string.sub(long, 11, 510) == string.rep("0123456789", 50))
assert(string.sub(long, 2) == long:sub(2, -1) and #long:sub(2) == 999)
assert(string.sub(1234, 2, 3) == "23")
fails("number expected, got no value", string.sub, "abc")
fails("number expected, got string", string.sub, "abc", "x")
fails("number has no integer representation", string.sub, "abc", 1.5)
fails("number has no integer representation", string.sub, "abc", 1, "1.5")

-- byte
assert(string.byte("a") == 97 and ("\xe4"):byte() == 228)
assert(string.byte("\0") == 0 and string.byte("\0\0alo\0x", -1) == 120)
assert(string.byte("ba", 2) == 97 and string.byte("hi", -1) == 105)
assert(select("#", string.byte("", 1)) == 0)
assert(select("#", string.byte("hi", 3)) == 0)
assert(select("#", string.byte("hi", 0)) == 0)
assert(select("#", string.byte("hi", -3)) == 0)
assert(select("#", string.byte("hi", 9, 10)) == 0)
assert(select("#", string.byte("hi", 2, 1)) == 0)
local a, b, c, d = string.byte("\xe4l\0u", 1, -1)
assert(a == 228 and b == 108 and c == 0 and d == 117)
assert(select("#", string.byte("hello", -3, 100)) == 3)
assert(select("#", string.byte("hello", -10, -4)) == 2)
assert(select("#", long:byte(1, -1)) == 1000)
local bytes = { long:byte(1, -1) }
assert(bytes[1] == 48 and bytes[1000] == 57 and #bytes == 1000)
fails("string slice too long", string.byte, string.rep("x", 2000000), 1, -1)

-- char
assert(string.char() == "" and string.char(0, 255, 0) == "\0\255\0")
assert(string.char(72, 105) == "Hi" and string.char("72") == "H" and string.char(72.0) == "H")
assert(string.char(string.byte("\xe4l\0u", 1, -1)) == "\xe4l\0u")
assert(string.char(long:byte(1, -1)) == long)
for i = 0, 255 do assert(string.byte(string.char(i)) == i) end
fails("bad argument #1 to", string.char, 256)
fails("value out of range", string.char, 256)
fails("value out of range", string.char, -1)
fails("bad argument #3 to", string.char, 1, 2, math.mininteger)
fails("number expected, got string", string.char, 1, "x")

-- lower, upper, reverse
assert(string.upper("ab\0c") == "AB\0C" and string.lower("\0ABCc%$") == "\0abcc%$")
assert(("az AZ [`{@\xe4\xc4"):upper() == "AZ AZ [`{@\xe4\xc4")
assert(("az AZ [`{@\xe4\xc4"):lower() == "az az [`{@\xe4\xc4")
assert(string.upper(string.rep("x", 100)) == string.rep("X", 100))
assert(string.reverse("") == "" and string.reverse("\0\1\2\3") == "\3\2\1\0")
assert(string.reverse("\0001234") == "4321\0" and long:reverse():reverse() == long)
assert(string.reverse(12) == "21")
assert(long:reverse():sub(1, 10) == "9876543210")
fails("string expected, got no value", string.upper)
fails("string expected, got table", string.lower, {})
fails("string expected, got function", string.reverse, print)

-- rep
assert(string.rep("teste", 0) == "" and string.rep("teste", -1) == "" and string.rep("", 10) == "")
assert(string.rep("t\xe9s\00t\xea", 2) == "t\xe9s\0t\xeat\xe9s\000t\xea")
assert(string.rep("teste", 0, "xuxu") == "" and string.rep("teste", 1, "xuxu") == "teste")
assert(string.rep("\1\0\1", 2, "\0\0") == "\1\0\1\0\0\1\0\1")
assert(string.rep("", 10, ".") == string.rep(".", 9))
assert(string.rep("ab", 3, ", ") == "ab, ab, ab")
assert(string.rep("x", 3, nil) == "xxx" and string.rep(1, 2, 0) == "101")
assert(#string.rep("abc", 12345) == 37035 and string.rep("abc", 12345):sub(-4) == "cabc")
assert(#string.rep("abc", 12345, "--") == 37035 + 2 * 12344)
for i = 0, 30 do assert(#string.rep("a", i) == i and #string.rep("ab", i, "c") == math.max(0, 3 * i - 1)) end
-- Long results are made in pieces, which end anywhere within the text and the separator.
for _, length in ipairs { 2, 4194303, 4194305, 5000000 } do
  for _, separator in ipairs { "", "<>", string.rep("-", 4194300) } do
    local text = string.rep("abcdefg", length // 7 + 1):sub(-length)
    local count = length < 10 and #separator < 10 and 1500000 or 3
    local result, unit = string.rep(text, count, separator), text .. separator
    assert(#result == count * #unit - #separator)
    for i = 1, count, count // 3 do
      assert(result:sub((i - 1) * #unit + 1, i * #unit) == (i < count and unit or text))
    end
    local upper, reversed = result:upper(), result:reverse()
    assert(#upper == #result and #reversed == #result and upper:lower() == result and reversed:reverse() == result)
    for _, i in ipairs { 1, 4194304, 4194305, #result } do
      assert(upper:sub(i, i) == result:sub(i, i):upper() and reversed:sub(-i, -i) == result:sub(i, i))
    end
  end
end
fails("resulting string too large", string.rep, "aa", (1 << 30))
fails("resulting string too large", string.rep, "a", (1 << 31))
fails("resulting string too large", string.rep, "a", math.maxinteger)
fails("resulting string too large", string.rep, "a", (1 << 30), ",")
fails("number expected, got no value", string.rep, "x")

-- the metatable
assert(getmetatable("").__index == string)
assert(("x"):rep(3) == "xxx" and ("abc").len == string.len and ("abc").nothing == nil)
local name = "up" .. "per"
assert(("abc")[name]("q") == "Q")
fails("attempt to index a nil value", function() return ("x").y.z end)
fails("attempt to call a nil value (method 'nothing')", function() ("x"):nothing() end)

-- arithmetic on numerals
assert("2" + 1 == 3 and math.type("2" + 1) == "integer")
assert("2 " + 1 == 3 and " -2 " + 1 == -1 and " -0xa " + 1 == -9)
assert("2.0" + 1 == 3 and math.type("2.0" + 1) == "float")
assert("10" + "5" == 15 and 10 - "5" == 5 and "10" * "5" == 50 and "7" // "2" == 3 and "7" % "4" == 3)
assert("10" / "4" == 2.5 and "2" ^ "3" == 8.0 and -"2" == -2 and math.type(-"2") == "integer" and -"2.5" == -2.5)
assert("0x10" + 1 == 17 and "1e1" + 0 == 10.0 and "0x.8p1" * 1 == 1.0)
local one, three = "1", "3"
assert(one + three == 4 and one - three == -2 and one * three == 3 and one / three == 1 / 3)
assert(one // three == 0 and one % three == 1 and one ^ three == 1 and -one == -1)
assert("9223372036854775807" + 1 == math.mininteger)
fails("attempt to add a 'string' with a 'nil'", function() return "10" + nil end)
fails("attempt to add a 'table' with a 'string'", function() return {} + "10" end)
fails("attempt to add a 'string' with a 'string'", function() return "a" + "10" end)
fails("attempt to add a 'string' with a 'number'", function() return "a" + 10 end)
fails("attempt to add a 'number' with a 'string'", function() return 10 + "a" end)
fails("attempt to mul a 'string' with a 'nil'", function() return "1" * nil end)
fails("attempt to unm a 'string' with a 'string'", function() return -"x" end)
fails("attempt to idiv a 'string' with a 'table'", function() return "a" // {} end)
fails("attempt to concatenate a table value", function() return "a" .. {} end)
fails("attempt to compare number with string", function() return 1 < "2" end)

-- an operand's own metamethod goes first or second
local traced = setmetatable({}, {
  __add = function(x, y) return "add", x, y end,
  __sub = function() return "sub" end,
  __unm = function() return "unm" end,
})
assert("x" + traced == "add" and traced + "x" == "add" and "10" - traced == "sub" and -traced == "unm")

-- called by hand
local metatable = getmetatable("")
assert(metatable.__add("1", "2") == 3 and metatable.__unm("7", "7") == -7 and metatable.__pow("2", 2) == 4.0)

-- comparison and concatenation see every byte
assert("alo" < "alo1" and "" < "a" and "alo\0alo" < "alo\0b" and "alo\0alo\0\0" > "alo\0alo\0")
assert("alo" < "alo\0" and "alo\0" > "alo" and "\0" < "\1" and "\0\0" < "\0\1" and "\1\0a\0a" <= "\1\0a\0b")
assert(not ("\1\0a\0b" <= "\1\0a\0a") and "\0\0\0" < "\0\0\0\0" and not ("\0\0\0\0" < "\0\0\0"))
assert("\xff" > "a" and "a" .. "\0" .. "b" == "a\0b")
assert(1 .. 2 == "12" and 1.0 .. "" == "1.0" and -0.0 .. "" == "-0.0" and 2^53 .. "" == "9.007199254741e+15")

-- dump
local doubled = load(string.dump(function(x) return x * 2, "two" end))
assert(doubled(21) == 42 and select(2, doubled(1)) == "two")
local stripped = load(string.dump(function(...) return select("#", ...) end, true), "stripped", "b")
assert(stripped(1, nil, nil) == 3)
fails("unable to dump given function", string.dump, print)
fails("function expected, got no value", string.dump)
fails("attempt to load a binary chunk (mode is 't')", function()
  assert(load(string.dump(function() end), "x", "t"))
end)

print("strings ok")

-- Arithmetic on strings is what their metamethods do
do
  local meta = getmetatable("")
  local add, idiv = meta.__add, meta.__idiv
  local function sum(a, b) return a + b end
  for _ = 1, 300 do assert(sum("10", 1) == 11 and sum(2.5, "0x10") == 18.5 and sum("1e1", " 7 ") == 17.0) end
  assert(math.type(sum("1", "2")) == "integer" and -"5" == -5 and "7" % "4" == 3 and "2" ^ 3 == 8.0 and "9" // "2" == 4)
  local function fails(text, f, ...)
    local ok, message = pcall(f, ...)
    assert(not ok and message:find(text, 1, true), message)
  end
  fails("attempt to add a 'string' with a 'number'", sum, "abc", 1)
  fails("attempt to add a 'table' with a 'string'", sum, {}, "1")
  fails("attempt to perform 'n%", function() return "10" % 0 end)
  fails("attempt to divide by zero", function() return "10" // "0" end)
  assert("10" // 0.0 == math.huge and "1" / 0 == math.huge)
  meta.__add = nil
  fails("attempt to perform arithmetic on a string value (local 'a')", sum, "10", 1)
  fails("attempt to perform arithmetic on a string value (local 'b')", sum, 1, "10")
  assert("10" - 1 == 9)
  meta.__add = function(a, b) return "sum of " .. a .. " and " .. b end
  assert(sum("10", 1) == "sum of 10 and 1" and sum(1, "10") == "sum of 1 and 10")
  meta.__idiv = add
  assert("10" // 3 == 13)
  meta.__add, meta.__idiv = add, idiv
  assert(sum("10", 1) == 11 and "10" // 3 == 3)
end
