-- Numbers as text and text as numbers: tostring, tonumber, numerals in source text, coercions.

local function isInteger(expected, value)
  assert(value == expected and math.type(value) == "integer", tostring(value) .. ", expected " .. tostring(expected))
end
local function isFloat(expected, value)
  assert(value == expected and math.type(value) == "float", tostring(value) .. ", expected " .. tostring(expected))
end
local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "an error was expected: " .. expected)
  assert(string.find(message, expected, 1, true), message)
end

-- tostring
local texts = {
  ["0"] = 0, ["-1"] = -1, ["9223372036854775807"] = math.maxinteger, ["-9223372036854775808"] = math.mininteger,
  ["0.0"] = 0.0, ["1.0"] = 1.0, ["-1.0"] = -1.0, ["0.1"] = 0.1, ["-0.5"] = -0.5, ["3.1415926535898"] = math.pi,
  ["0.33333333333333"] = 1 / 3, ["0.66666666666667"] = 2 / 3, ["100.0"] = 1e2, ["99999999999999.0"] = 99999999999999.0,
  ["1e+14"] = 1e14, ["1e+15"] = 1e15, ["-1e+15"] = -1e15, ["1e+100"] = 1e100, ["1e-05"] = 0.00001, ["0.0001"] = 0.0001,
  ["0.00012345678901234"] = 0.00012345678901234, ["1.2345678901235e-05"] = 0.000012345678901234567,
  ["1.7976931348623e+308"] = 1.7976931348623157e308, ["2.2250738585072e-308"] = 2.2250738585072014e-308,
  ["4.9406564584125e-324"] = 5e-324, ["9.007199254741e+15"] = 2.0 ^ 53, ["9.2233720368548e+18"] = 2.0 ^ 63,
  ["1.844674407371e+19"] = 2.0 ^ 64, ["123456.789"] = 123456.789, ["1234567890.125"] = 1234567890.125,
  ["94837874451926.0"] = 94837874451926.02, ["0.3"] = 0.1 + 0.2, ["9.995"] = 9.995,
  ["1.0000000000001"] = 1.0000000000001, ["-123.456"] = -123.456, ["inf"] = 1 / 0, ["-inf"] = -1 / 0,
}
for text, value in pairs(texts) do assert(tostring(value) == text, tostring(value) .. ", expected " .. text) end
assert(tostring(-0.0) == "-0.0" and tostring(0.0) == "0.0" and 1 / tonumber("-0.0") == -1 / 0)
assert(tostring(0 / 0):find("^%-?nan$") and tostring(-(0 / 0)):find("^%-?nan$"))
assert(tostring(0 / 0) ~= tostring(-(0 / 0)))
assert(tostring(1e15) == 1e15 .. "" and 2 ^ 31 .. "|" == "2147483648.0|" and -7 // 2 .. "" == "-4")
for _ = 1, 2000 do
  local x = (math.random() - 0.5) * 2.0 ^ math.random(-1000, 1000)
  local expected = string.format("%.14g", x)
  if not expected:find("[.en]") then expected = expected .. ".0" end
  assert(tostring(x) == expected, expected)
  local i = math.random(0) >> math.random(0, 63)
  assert(tostring(i) == string.format("%d", i) and tonumber(tostring(i)) == i)
end

-- tonumber of decimal numerals
isInteger(0, tonumber("0"))
isInteger(12, tonumber("  12  "))
isInteger(-12, tonumber("\t\n\v\f\r-12\r\n"))
isInteger(12, tonumber("+12"))
isInteger(12, tonumber("000000000000000000000000000000012"))
isInteger(math.maxinteger, tonumber("9223372036854775807"))
isInteger(math.mininteger, tonumber("-9223372036854775808"))
isFloat(2.0 ^ 63, tonumber("9223372036854775808"))
isFloat(-2.0 ^ 63, tonumber("-9223372036854775809"))
isFloat(1e30, tonumber("1000000000000000000000000000000"))
isFloat(0.0, tonumber("0.0"))
isFloat(5.0, tonumber("5."))
isFloat(0.5, tonumber(".5"))
isFloat(-0.5, tonumber("-.5"))
isFloat(500.0, tonumber("5e2"))
isFloat(500.0, tonumber("5E+2"))
isFloat(0.05, tonumber("5.e-2"))
isFloat(1 / 0, tonumber("1e400"))
isFloat(-1 / 0, tonumber("-1e400"))
isFloat(0.0, tonumber("1e-400"))
isFloat(5e-324, tonumber("4.9e-324"))
isFloat(0.1, tonumber("0." .. string.rep("0", 400) .. "1e400"))
isFloat(1e-300, tonumber("0." .. string.rep("0", 299) .. "1"))
isFloat(1e300, tonumber("1" .. string.rep("0", 300)))
isInteger(7, tonumber(7))
isFloat(7.5, tonumber(7.5))

-- hexadecimal
isInteger(255, tonumber("0xff"))
isInteger(255, tonumber("0XFF"))
isInteger(-255, tonumber(" -0xff "))
isInteger(-1, tonumber("0xffffffffffffffff"))
isInteger(1, tonumber("-0xffffffffffffffff"))
isInteger(-2, tonumber("0x1fffffffffffffffe"))
isInteger(0, tonumber("0x" .. string.rep("0", 100)))
isFloat(1.0, tonumber("0x1p0"))
isFloat(0.5, tonumber("0x.8"))
isFloat(8.0, tonumber("0x8."))
isFloat(10.5, tonumber("0xA.8"))
isFloat(-5.25, tonumber("-0xa.8P-1"))
isFloat(1024.0, tonumber("0x1p+10"))
isFloat(2.0 ^ 64, tonumber("0x10000000000000000p0"))
isFloat(5e-324, tonumber("0x1p-1074"))
isFloat(0.0, tonumber("0x1p-1076"))
isFloat(1 / 0, tonumber("0x1p1024"))
isFloat(1.0, tonumber("0x" .. string.rep("0", 500) .. "1p0"))
isFloat(1.0, tonumber("0x." .. string.rep("0", 500) .. "1p2004"))
isFloat(1.0, tonumber("0x1" .. string.rep("0", 500) .. "p-2000"))
isFloat(2.0 ^ 53, tonumber("0x20000000000001p0"))
isFloat(2.0 ^ 53, tonumber("0x20000000000000.8p0"))
isFloat(2.0 ^ 53 + 2, tonumber("0x20000000000001.8p0"))
isFloat(2.0 ^ 53 + 2, tonumber("0x20000000000001.0000000000000000001p0"))
isFloat(0.0, tonumber("0x0p99999999999999999999"))
isFloat(1 / 0, tonumber("0x1p99999999999999999999"))
isFloat(0.0, tonumber("0x1p-99999999999999999999"))

-- what is no numeral
for _, text in ipairs { "", " ", "-", "+", "--1", "+-1", "- 1", "1 2", "a", "1a", "0x", "0xg", "0x.", ".", "-.", "e5",
  ".e5", "1e", "1e+", "0x1p", "0x1p+", "0xp1", "0x1.8.1", "1.2.3", "inf", "-inf", "nan", "NaN", "infinity",
  "1\0", "\0001",
  "0x1 p1",
  "1e5x", "0x1P1.5", "1_000", "1e1.5", "1,5", "0b1", "12345678901234567890x", "nil", "true", "1..2" } do
  assert(tonumber(text) == nil, text)
end
assert(tonumber(nil) == nil and tonumber({}) == nil and tonumber(true) == nil and tonumber(print) == nil)
fails("value expected", tonumber)

-- tonumber with a base
isInteger(7, tonumber("111", 2))
isInteger(255, tonumber("fF", 16))
isInteger(-255, tonumber("  -ff  ", 16))
isInteger(35, tonumber("z", 36))
isInteger(36 ^ 3 // 1 | 0, tonumber("1000", 36))
isInteger(8, tonumber("10", 8))
isInteger(1, tonumber("\t1\n", 2))
isInteger(-1, tonumber(string.rep("1", 64), 2))
isInteger(math.maxinteger, tonumber("7fffffffffffffff", 16))
assert(tonumber("8", 8) == nil and tonumber("", 10) == nil and tonumber("1.0", 10) == nil and tonumber("1 1", 2) == nil)
assert(tonumber("0x10", 16) == nil and tonumber("-", 10) == nil)
assert(tonumber("1\0", 10) == nil and tonumber("1e1", 10) == nil)
fails("base out of range", tonumber, "1", 1)
fails("base out of range", tonumber, "1", 37)
fails("string expected, got number", tonumber, 1, 10)

-- numerals in source text are the same numerals
isInteger(255, 0xff)
isInteger(-1, 0xffffffffffffffff)
isInteger(math.maxinteger, 9223372036854775807)
isFloat(2.0 ^ 63, 9223372036854775808)
isFloat(0.1, 1e-1)
isFloat(0.5, .5)
isFloat(3.0, 3.)
isFloat(10.5, 0xA.8)
isFloat(0x1p4, 16.0)
for _, text in ipairs { "3x", "0x", "1e", "0xg", "1..2", "3.4.5", "0x1p", "08a" } do
  local chunk, message = load("return " .. text)
  assert(not chunk and message:find("malformed number near", 1, true), message)
end

-- round trips: all the digits that %.17g gives bring the same float back
for _ = 1, 2000 do
  local x = (math.random() - 0.5) * 2.0 ^ math.random(-1050, 1000)
  isFloat(x, tonumber(string.format("%.17g", x)) + 0.0)
  isFloat(x, tonumber(string.format("%a", x)) + 0.0)
  isFloat(x, load("return " .. string.format("%q", x))())
end

-- coercions of arguments and operands
assert(math.floor("3.7") == 3 and ("5" * "2") == 10 and string.rep("x", "3") == "xxx" and ("x"):rep(2.0) == "xx")
isInteger(10, "5" * "2")
isFloat(10.0, "5" * "2.0")
isFloat(17.0, "0x10" + 1.0)
isInteger(3, math.tointeger("3") or 3)
fails("number has no integer representation", string.rep, "x", 1.5)
fails("number has no integer representation", string.rep, "x", "1.5")
fails("number expected, got string", string.rep, "x", "x")
do
  local keys = { [1] = "integer" }
  assert(keys[1.0] == "integer" and keys["1"] == nil)
  local sum = 0
  for i = 1, 3 do sum = sum + (i .. "") end
  isInteger(6, sum)
end

-- exact comparisons
assert(math.maxinteger < math.maxinteger + 1.0 and math.maxinteger + 0.0 == 2 ^ 63 and not (math.maxinteger == 2 ^ 63))
assert(math.mininteger <= -2 ^ 63 and not (math.mininteger < -2 ^ 63) and math.mininteger == -2 ^ 63)
assert((1 << 53) + 1 > 2 ^ 53 and (1 << 53) + 1 ~= 2 ^ 53 and (1 << 53) == 2 ^ 53 and 2 ^ 53 < (1 << 53) + 1)
assert(1 < 1.5 and 2 > 1.5 and not (1 < 0 / 0) and not (1 >= 0 / 0) and 1 <= 1.0 and not (1 < 1.0) and -1 > -1.5)
assert(math.maxinteger < 1 / 0 and math.mininteger > -1 / 0 and not (math.maxinteger >= 1 / 0))

print("numbers_text ok")
