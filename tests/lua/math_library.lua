-- The mathematical functions (manual 6.7).

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), message)
end
local function same(a, b) return a == b and math.type(a) == math.type(b) end

assert(math.pi == 3.141592653589793 and math.huge == 1 / 0)
assert(math.maxinteger == 0x7fffffffffffffff and math.mininteger == math.maxinteger + 1)

-- Rounding.
assert(same(math.floor(3.7), 3) and same(math.floor(-3.2), -4))
assert(same(math.ceil(3.2), 4) and same(math.ceil(-3.7), -3))
assert(same(math.floor(5), 5) and same(math.floor(1e300), 1e300) and same(math.floor("3.7"), 3))
assert(same(math.ceil(2^62), 1 << 62) and same(math.floor(2^63), 2^63) and math.floor(-math.huge) == -math.huge)
failsWith("number expected, got string", math.floor, "a")
failsWith("number expected, got no value", math.ceil)
assert(same(math.abs(-3), 3) and same(math.abs(-3.5), 3.5) and math.abs(math.mininteger) == math.mininteger)
assert(1 / math.abs(-0.0) == math.huge)
do
  local whole, part = math.modf(3.75)
  assert(whole == 3 and part == 0.75)
  whole, part = math.modf(-3.75)
  assert(whole == -3 and part == -0.75)
  whole, part = math.modf(math.huge)
  assert(whole == math.huge and same(part, 0.0))
  whole, part = math.modf(7)
  assert(same(whole, 7) and same(part, 0.0))
end
assert(same(math.fmod(7, 3), 1) and same(math.fmod(-7, 3), -1) and same(math.fmod(7, -3), 1))
assert(math.fmod(5.5, 2) == 1.5)
assert(math.fmod(math.mininteger, -1) == 0 and math.fmod(1, math.huge) == 1.0)
failsWith("bad argument #2 to 'math.fmod' (zero)", math.fmod, 1, 0)
assert(math.fmod(1, 0.0) ~= math.fmod(1, 0.0))

-- Kinds of numbers.
assert(math.type(1) == "integer" and math.type(1.0) == "float" and math.type("1") == nil)
failsWith("value expected", math.type)
assert(same(math.tointeger(3.0), 3) and math.tointeger(3.5) == nil and math.tointeger({}) == nil)
assert(math.tointeger(2^63) == nil and math.tointeger(-2^63) == math.mininteger)
assert(math.ult(1, -1) and not math.ult(-1, 1) and not math.ult(3, 3))
failsWith("number has no integer representation", math.ult, 1.5, 2)

-- Comparison.
assert(same(math.max(1, 2.0), 2.0) and same(math.max(2, 2.0), 2))
assert(same(math.min(3, 1, 2), 1) and same(math.min(1.5), 1.5))
assert(math.max(1, 2, 3, 4, 5, 6, 7, 8) == 8 and math.min(-0.0, 0.0) == 0.0)
failsWith("attempt to compare", math.max, {}, 1)
assert(not pcall(math.min))

-- Powers, logarithms, trigonometry.
local function near(a, b) return math.abs(a - b) < 1e-12 end
assert(math.sqrt(16) == 4.0 and math.type(math.sqrt(16)) == "float" and math.exp(0) == 1.0)
assert(math.log(8, 2) == 3.0 and math.log(1000, 10) == 3.0 and near(math.log(27, 3), 3) and math.log(1) == 0.0)
assert(near(math.sin(math.pi / 2), 1) and near(math.cos(math.pi), -1) and near(math.tan(math.pi / 4), 1))
assert(near(math.asin(1), math.pi / 2) and near(math.acos(-1), math.pi) and near(math.atan(1), math.pi / 4))
assert(near(math.atan(1, -1), 3 * math.pi / 4) and near(math.atan(-1, -1), -3 * math.pi / 4))
assert(near(math.deg(math.pi), 180) and near(math.rad(180), math.pi))
assert(math.sqrt(-1) ~= math.sqrt(-1))

-- Random numbers: the sequence of a seed is fixed.
do
  assert(select("#", math.randomseed(42)) == 2)
  local first = { math.random(), math.random(10), math.random(0), math.random(-5, 5) }
  assert(string.format("%.14g", first[1]) == "0.93081217803957")
  assert(first[2] == 2 and first[3] == -8358531260401861301 and first[4] == 0)
  math.randomseed(42, 0)
  for i, argument in ipairs { {}, { 10 }, { 0 }, { -5, 5 } } do
    assert(math.random(table.unpack(argument)) == first[i])
  end
  math.randomseed(7)
  local a = math.random(math.mininteger, math.maxinteger)
  math.randomseed(7)
  assert(a == math.random(math.mininteger, math.maxinteger))
  local counts = {}
  for _ = 1, 6000 do
    local die = math.random(6)
    counts[die] = (counts[die] or 0) + 1
    local fraction = math.random()
    assert(fraction >= 0 and fraction < 1)
  end
  for die = 1, 6 do assert(counts[die] > 800 and counts[die] < 1200) end
  assert(math.random(3, 3) == 3)
  failsWith("interval is empty", math.random, 2, 1)
  failsWith("interval is empty", math.random, -1)
  failsWith("wrong number of arguments", math.random, 1, 2, 3)
  failsWith("number has no integer representation", math.random, 1.5)
  math.randomseed()
end
