-- The two number subtypes (manual 3.4.1 to 3.4.4): which operations give which subtype, wrap-around, division
-- and modulo signs, shifts, exact comparisons between the subtypes, and coercions from strings.

local mini, maxi = math.mininteger, math.maxinteger
local huge = math.huge
local nan = 0.0 / 0.0

local function isInteger(value, expected)
  return math.type(value) == "integer" and value == expected
end

local function isFloat(value, expected)
  return math.type(value) == "float" and value == expected
end

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(message, text, 1, true), message)
end

-- Operators whose operands the compiler cannot see, so that nothing is folded.
local add = function(a, b) return a + b end
local sub = function(a, b) return a - b end
local mul = function(a, b) return a * b end
local div = function(a, b) return a / b end
local mod = function(a, b) return a % b end
local pow = function(a, b) return a ^ b end
local idiv = function(a, b) return a // b end
local band = function(a, b) return a & b end
local bor = function(a, b) return a | b end
local bxor = function(a, b) return a ~ b end
local shl = function(a, b) return a << b end
local shr = function(a, b) return a >> b end
local unm = function(a) return -a end
local bnot = function(a) return ~a end

-- The result's subtype follows from the operands' subtypes.
assert(isInteger(add(2, 3), 5) and isFloat(add(2, 3.0), 5) and isFloat(add(2.0, 3), 5))
assert(isInteger(sub(2, 3), -1) and isFloat(sub(2.0, 3), -1))
assert(isInteger(mul(7, 6), 42) and isFloat(mul(7, 6.0), 42))
assert(isFloat(div(6, 3), 2) and isFloat(pow(2, 10), 1024) and isFloat(div(1, 4), 0.25))
assert(isInteger(idiv(7, 2), 3) and isFloat(idiv(7, 2.0), 3) and isFloat(idiv(7.5, 2), 3))
assert(isInteger(mod(7, 2), 1) and isFloat(mod(7.5, 2), 1.5) and isFloat(mod(7, 2.0), 1))
assert(isInteger(unm(5), -5) and isFloat(unm(5.0), -5))
assert(isInteger(band(6.0, 3), 2) and isInteger(bor(6, 3.0), 7) and isInteger(bxor(6.0, 3.0), 5))
assert(isInteger(2 + 3, 5) and isFloat(2 + 3.0, 5) and isFloat(6 / 3, 2) and isFloat(2 ^ 2, 4))

-- Wrap-around.
assert(add(maxi, 1) == mini and sub(mini, 1) == maxi and mul(maxi, 2) == -2)
assert(mul(mini, -1) == mini and unm(mini) == mini and mul(mini, mini) == 0)
assert(maxi + 1 == mini and mini - 1 == maxi and -mini == mini)
assert(mul(maxi, maxi) == 1 and add(maxi, maxi) == -2)
assert(math.abs(mini) == mini)
assert(9223372036854775807 == maxi and math.type(9223372036854775807) == "integer")
assert(math.type(9223372036854775808) == "float" and 9223372036854775808 == 2.0 ^ 63)
assert(-9223372036854775808 == mini and math.type(-9223372036854775808) == "float")
assert(0xffffffffffffffff == -1 and 0x1ffffffffffffffff == -1 and 0x7fffffffffffffff == maxi)
assert(0x10000000000000000 == 0)

-- Floor division and modulo: signs.
for _, case in ipairs {
  { 7, 3, 2, 1 }, { -7, 3, -3, 2 }, { 7, -3, -3, -2 }, { -7, -3, 2, -1 },
  { 6, 3, 2, 0 }, { -6, 3, -2, 0 }, { 6, -3, -2, 0 }, { -6, -3, 2, 0 },
  { 0, 5, 0, 0 }, { 0, -5, 0, 0 }, { 1, maxi, 0, 1 }, { -1, maxi, -1, maxi - 1 },
  { maxi, -1, -maxi, 0 }, { mini, -1, mini, 0 }, { mini, 1, mini, 0 }, { mini, mini, 1, 0 },
  { maxi, mini, -1, -1 }, { mini, maxi, -2, maxi - 1 }, { mini, 2, mini // 2, 0 }, { maxi, 2, 4611686018427387903, 1 },
} do
  local a, b, quotient, remainder = table.unpack(case)
  assert(isInteger(idiv(a, b), quotient), a .. "//" .. b)
  assert(isInteger(mod(a, b), remainder), a .. "%" .. b)
  assert(idiv(a, b) * b + mod(a, b) == a)
end
for _, case in ipairs {
  { 7.5, 2.0, 3.0, 1.5 }, { -7.5, 2.0, -4.0, 0.5 }, { 7.5, -2.0, -4.0, -0.5 }, { -7.5, -2.0, 3.0, -1.5 },
  { 1.0, huge, 0.0, 1.0 }, { -1.0, huge, -0.0, huge }, { 1.0, -huge, -0.0, -huge }, { -1.0, -huge, 0.0, -1.0 },
  { 5.25, 0.5, 10.0, 0.25 }, { 3, 0.5, 6.0, 0.0 }, { -3, 1.0, -3.0, 0.0 },
} do
  local a, b, quotient, remainder = table.unpack(case)
  assert(isFloat(idiv(a, b), quotient), a .. "//" .. b)
  assert(isFloat(mod(a, b), remainder), a .. "%" .. b)
end

-- By zero.
failsWith("attempt to divide by zero", idiv, 1, 0)
failsWith("attempt to divide by zero", idiv, mini, 0)
failsWith("attempt to perform 'n%0'", mod, 1, 0)
failsWith("attempt to perform 'n%0'", mod, 0, 0)
failsWith("attempt to divide by zero", load "local a = 5; return a // 0")
failsWith("attempt to perform 'n%0'", load "return 5 % 0")
assert(idiv(1, 0.0) == huge and idiv(-1, 0.0) == -huge and idiv(1, -0.0) == -huge)
assert(idiv(0.0, 0) ~= idiv(0.0, 0))
assert(mod(1, 0.0) ~= mod(1, 0.0) and mod(huge, 2) ~= mod(huge, 2))
assert(div(1, 0) == huge and div(-1, 0) == -huge and div(0, 0) ~= div(0, 0))
assert(div(1, -0.0) == -huge)

-- Signed zero survives what it should.
assert(1 / unm(0.0) == -huge and 1 / unm(0) == huge)
assert(1 / mul(-1, 0.0) == -huge and 1 / add(0.0, -0.0) == huge and 1 / add(-0.0, -0.0) == -huge)
assert(1 / (-0.0) == -huge and 1 / (0.0) == huge)
assert(0.0 == -0.0)
assert(1 / mod(-6.0, 2.0) == -huge and 1 / mod(6.0, -2.0) == huge)
do
  -- Constants 0.0 and -0.0 and 0 are three constants.
  local positive, negative, integer = 0.0, -0.0, 0
  assert(1 / positive == huge and 1 / negative == -huge and math.type(integer) == "integer")
end

-- Shifts: logical, any distance, negative distances shift the other way.
assert(shl(1, 62) == 4611686018427387904 and shl(1, 63) == mini and shl(1, 64) == 0 and shl(1, 1000) == 0)
assert(shr(-1, 1) == maxi and shr(-1, 63) == 1 and shr(-1, 64) == 0 and shr(mini, 63) == 1)
assert(shl(8, -3) == 1 and shr(1, -3) == 8 and shl(1, -64) == 0 and shr(1, -64) == 0)
assert(shl(1, mini) == 0 and shr(1, mini) == 0 and shl(1, maxi) == 0 and shr(-1, maxi) == 0)
assert(shl(5, 0) == 5 and shr(5, 0) == 5 and shl(-1, 63) == mini)
assert(shr(-1, -1) == -2 and shl(-1, -1) == maxi and shl(-1, -63) == 1 and shr(3, -63) == mini)
assert(1 << 63 == mini and 1 << 64 == 0 and -1 >> 1 == maxi and 2 << -1 == 1)
do
  local one, distance = 1, 3
  assert(one << 3 == 8 and 1 << distance == 8 and 16 >> distance == 2 and one << 64 == 0 and one >> 1 == 0)
end

-- Bitwise operators take floats with exact integer values and refuse the others.
assert(bnot(0) == -1 and bnot(-1) == 0 and bnot(5.0) == -6 and bnot(maxi) == mini)
assert(band(2.0 ^ 53, -1) == 1 << 53 and band(-2.0 ^ 63, -1) == mini)
failsWith("has no integer representation", band, 1.5, 1)
failsWith("has no integer representation", bor, 1, 2.0 ^ 63)
failsWith("has no integer representation", shl, 1, huge)
failsWith("has no integer representation", bxor, nan, 1)
failsWith("has no integer representation", bnot, 0.5)
failsWith("attempt to perform bitwise operation on a nil value", band, 1, nil)
failsWith("attempt to perform bitwise operation on a table value", bor, {}, 1)
failsWith("attempt to perform arithmetic on a nil value", add, 1, nil)
failsWith("attempt to perform arithmetic on a boolean value", unm, true)

-- Exact comparison of integers with floats at the edge of float precision (2^53).
local function compare(a, b)
  -- Every operator must agree with the others.
  assert((a < b) == (b > a) and (a <= b) == (b >= a) and (a == b) == not (a ~= b))
  assert((a < b) == not (a >= b) and (a <= b) == not (a > b))
  return a < b and "<" or a == b and "==" or a > b and ">" or "?"
end
local p53 = 2.0 ^ 53
assert(compare((1 << 53), p53) == "==" and compare((1 << 53) + 1, p53) == ">" and compare((1 << 53) - 1, p53) == "<")
assert(compare(p53, (1 << 53) + 1) == "<" and compare(-(1 << 53) - 1, -p53) == "<")
assert(compare((1 << 53) + 1, p53 + 2) == "<" and compare((1 << 53) + 2, p53 + 2) == "==")
-- ... and at the edge of the integers (2^63).
local p63 = 2.0 ^ 63
assert(compare(maxi, p63) == "<" and compare(p63, maxi) == ">" and compare(mini, -p63) == "==")
assert(compare(mini, -p63 * 1.0000000000000002) == ">" and compare(mini + 1, -p63) == ">")
assert(compare(maxi, huge) == "<" and compare(mini, -huge) == ">" and compare(huge, maxi) == ">")
assert(compare(maxi, 9.2233720368547748e18) == ">" and compare(maxi - 1023, 9.2233720368547748e18) == "==")
assert(compare(maxi, p63 * 2) == "<" and compare(mini, -p63 * 2) == ">")
assert(compare(1, 1.5) == "<" and compare(2, 1.5) == ">" and compare(-1, -1.5) == ">" and compare(-2, -1.5) == "<")
assert(compare(1, 1.0) == "==" and compare(0, -0.0) == "==" and compare(0, 5e-324) == "<" and compare(0, -5e-324) == ">")
for _, value in ipairs { 0, 1, -1, maxi, mini, 0.5, huge, -huge, nan } do
  assert(not (value < nan) and not (value <= nan) and not (value > nan) and not (value >= nan))
  assert(value ~= nan and not (value == nan) and not (nan < value) and not (nan >= value))
end
do
  -- The same with a constant on either side, and used for a value rather than for a jump.
  local x, f, z = maxi, p63, nan
  assert((x < 9223372036854775808.0) == true and (9223372036854775808.0 > x) == true and (f > 9223372036854775807))
  local lessOrEqual, equal = f <= 9223372036854775807, f == 9223372036854775807
  assert(lessOrEqual == false and equal == false)
  assert((z == 1) == false and (z ~= 1) == true and (z < 1) == false and (1 < z) == false and (not (z >= 1)) == true)
  local five = 5
  assert(five == 5.0 and five > 4.9 and five < 5.1 and five >= 5.0 and five <= 5.0 and 5.0 == five and five ~= 5.5)
end

-- Conversions to integers.
assert(isInteger(math.tointeger(3.0), 3) and math.tointeger(3.5) == nil and math.tointeger(p63) == nil)
assert(isInteger(math.tointeger(-p63), mini) and math.tointeger(huge) == nil and math.tointeger(nan) == nil)
assert(isInteger(3.7 // 1 | 0, 3) and isInteger(math.floor(3.7), 3) and isInteger(math.ceil(-3.7), -3))
assert(isFloat(math.floor(1e300), 1e300) and isFloat(math.ceil(-1e300), -1e300))
assert(isInteger("10" + 0, 10) and isFloat("10" + 0.0, 10) and isFloat("1e1" + 0, 10) and isInteger("0x10" + 0, 16))

-- Strings in arithmetic convert by the rules of the lexer, with blanks around.
assert(isInteger(add("10", "5"), 15) and isFloat(add("10.0", 5), 15) and isInteger(add("  7  ", "\t3\n"), 10))
assert(isInteger(mul("0x7fffffffffffffff", 1), maxi) and isFloat(add("9223372036854775808", 0), p63))
assert(isInteger(add("-0x1", 0), -1) and isFloat(add("0x.8p1", 0), 1) and isFloat(add("5.", ".5"), 5.5))
assert(isInteger(unm("2"), -2) and isFloat(unm("2.0"), -2) and isInteger(unm("-0"), 0))
assert(isInteger(idiv("7", 2), 3) and isInteger(mod("7", "4"), 3) and isFloat(pow("2", "3"), 8) and isFloat(div("1", 2), .5))
-- ... but not in bitwise operators.
failsWith("attempt to perform bitwise operation on a string value", band, "7", 3)
failsWith("attempt to perform bitwise operation on a string value", shl, 1, "4")
failsWith("attempt to perform bitwise operation on a string value", bnot, "0")
failsWith("attempt to add a 'string' with a 'number'", add, "abc", 1)
failsWith("attempt to add a 'string' with a 'number'", add, "", 1)
failsWith("attempt to add a 'string' with a 'number'", add, "1 2", 1)
failsWith("attempt to add a 'string' with a 'number'", add, "0x", 1)
failsWith("attempt to add a 'string' with a 'number'", add, "1e", 1)
failsWith("attempt to add a 'string' with a 'number'", add, "inf", 1)
failsWith("attempt to perform bitwise operation on a string value", band, "abc", 1)
-- No coercion in comparisons.
assert("10" ~= 10 and not (10 == "10"))
failsWith("attempt to compare number with string", function(a, b) return a < b end, 1, "2")
failsWith("attempt to compare string with number", function(a, b) return a <= b end, "1", 2)
failsWith("attempt to compare two table values", function(a, b) return a < b end, {}, {})
failsWith("attempt to compare number with nil", function(a) return a > 1 end, nil)

-- tonumber and the text of numbers.
assert(isInteger(tonumber "0x10", 16) and isFloat(tonumber "1e2", 100) and tonumber "1e" == nil and tonumber "" == nil)
assert(tonumber "0x1p4" == 16.0 and tonumber " 12 " == 12 and tonumber "12a" == nil and tonumber "- 1" == nil)
assert(tonumber("7fffffffffffffff", 16) == maxi and tonumber("zz", 36) == 35 * 36 + 35 and tonumber("8", 8) == nil)
assert(tostring(1e15) == "1e+15" and tostring(10.0) == "10.0" and tostring(-0.0) == "-0.0" and tostring(1e100) == "1e+100")
assert(tostring(2 ^ 53) == "9.007199254741e+15" and tostring(0.1) == "0.1" and tostring(1 / 3) == "0.33333333333333")
assert(tostring(huge) == "inf" and tostring(-huge) == "-inf" and tostring(mini) == "-9223372036854775808")
assert(tostring(3) .. tostring(3.0) == "33.0" and 1 .. 2 == "12" and 1.5 .. "" == "1.5")

-- Numerals.
assert(0xA == 10 and 0Xa.8p0 == 10.5 and 0x.1p4 == 1)
assert(3e-2 == 0.03 and .5 == 0.5 and 5. == 5.0 and 3.0e+2 == 300 and 0x1P-2 == 0.25)
assert(isFloat(1e308 * 10, huge) and 4.9e-324 > 0 and 2e-324 == 0)
assert(1e400 == huge)

-- Powers.
assert(pow(2, 0.5) == math.sqrt(2) and pow(0, 0) == 1 and pow(2, -1) == 0.5 and pow(-8, 1 / 3) ~= pow(-8, 1 / 3))
assert(pow(huge, 0) == 1 and pow(1, nan) == 1)

-- Integer arithmetic in hot loops keeps wrapping exactly.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 500 or 20000
  local state, sum = 88172645463325252, 0
  for _ = 1, rounds do
    state = state ~ (state << 13)
    state = state ~ (state >> 7)
    state = state ~ (state << 17)
    sum = sum * 31 + state
  end
  local again, check = 88172645463325252, 0
  local step = load "local s = ... s = s ~ (s << 13) s = s ~ (s >> 7) return s ~ (s << 17)"
  for _ = 1, rounds do
    again = step(again)
    check = check * 31 + again
  end
  assert(state == again and sum == check and math.type(sum) == "integer")
end

print "ok"
