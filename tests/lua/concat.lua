-- Concatenation (manual 3.4.6): numbers, long chains, order of metamethods, errors that name the operand.

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(message, text, 1, true), message)
end

local one, float, word, empty = 1, 2.0, "w", ""
assert(one .. one == "11" and float .. one == "2.01" and word .. one == "w1" and empty .. empty == "")
assert(one .. word .. float .. empty .. word == "1w2.0w")
assert(-one .. "" == "-1" and 1 .. -1 == "1-1" and 0x10 .. "" == "16" and 1e100 .. "" == "1e+100")
assert(-0.0 .. "" == "-0.0" and 1 / 0 .. "" == "inf" and math.mininteger .. "" == "-9223372036854775808")
assert("\0" .. "\0" == "\0\0" and #("a\0b" .. "c\0d") == 6)

-- Chains longer than any small buffer, and operands around the limit between short and long strings.
local chain = {}
for count = 1, 60 do
  chain[#chain + 1] = ("'%d'"):format(count % 10)
  local text = load("return " .. table.concat(chain, " .. "))()
  assert(#text == count and text:sub(-1) == tostring(count % 10))
  local viaLocals = load("local a, b = 'x', 'yy' return a .. b .. " .. table.concat(chain, " .. ") .. " .. a")()
  assert(viaLocals == "xyy" .. text .. "x")
end
for length = 36, 44 do
  local left, right = string.rep("l", length - 3), "abc"
  local whole = left .. right
  assert(#whole == length and whole == string.rep("l", length - 3) .. "abc")
  local asKey = { [whole] = length }
  assert(asKey[left .. "abc"] == length and asKey[left .. "abd"] == nil)
end

-- The operands are evaluated once, from left to right, whatever the association.
do
  local order = {}
  local function trace(value)
    order[#order + 1] = value
    return value
  end
  local text = trace "a" .. trace "b" .. trace(3) .. trace "d"
  assert(text == "ab3d" and table.concat(order, ",") == "a,b,3,d")
end

-- Operands stay unchanged when they are locals.
do
  local a, b, c = "a", "b", "c"
  local abc = a .. b .. c
  local aab = a .. a .. b
  a = a .. b
  b = b .. a .. c
  assert(abc == "abc" and aab == "aab" and a == "ab" and b == "babc" and c == "c")
end

-- Metamethods: from the right, pairwise, the left operand's first.
do
  local log = {}
  local function object(name)
    return setmetatable({ name = name }, {
      __concat = function(x, y)
        local left = type(x) == "table" and x.name or x
        local right = type(y) == "table" and y.name or y
        log[#log + 1] = left .. "|" .. right
        return name
      end,
    })
  end
  local x, y = object "X", object "Y"
  assert("a" .. x == "X" and log[#log] == "a|X")
  assert(x .. "a" == "X" and log[#log] == "X|a")
  assert(x .. y == "X" and y .. x == "Y")
  assert(1 .. x == "X" and log[#log] == "1|X" and x .. 2.5 == "X" and log[#log] == "X|2.5")
  log = {}
  assert("a" .. "b" .. x .. "c" .. "d" == "abX")
  assert(table.concat(log, " ") == "X|cd")
  log = {}
  assert("a" .. x .. "b" .. y .. "c" == "aX")
  assert(table.concat(log, " ") == "Y|c X|bY")
  log = {}
  local result = x .. "1" .. "2" .. "3"
  assert(result == "X" and log[1] == "X|123" and #log == 1)
  local none = setmetatable({}, { __concat = function() return nil end })
  assert(none .. "x" == nil)
  local many = setmetatable({}, { __concat = function() return 1, 2, 3 end })
  assert(select("#", many .. "x") == 1)
  local err = setmetatable({}, { __concat = function() error("raised", 0) end })
  failsWith("raised", function() return "x" .. err end)
end

-- Errors say which operand.
do
  local nothing, tab = nil, {}
  failsWith("attempt to concatenate a nil value (local 'nothing')", function() local nothing return "a" .. nothing end)
  failsWith("attempt to concatenate a nil value (upvalue 'nothing')", function() return "a" .. nothing .. "b" end)
  failsWith("attempt to concatenate a table value (upvalue 'tab')", function() return tab .. "b" end)
  failsWith("attempt to concatenate a nil value (global 'undefinedName')", function() return "a" .. undefinedName end)
  failsWith("attempt to concatenate a nil value (field 'x')", function() return tab.x .. "a" end)
  failsWith("attempt to concatenate a boolean value", function() return "a" .. true end)
  failsWith("attempt to concatenate a function value", function() return print .. "a" end)
  failsWith("attempt to concatenate a nil value", function() return 1 .. nil end)
end

-- Building a long string piece by piece, with collections in between.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 60 or 2000
  local text = ""
  for index = 1, rounds do
    text = text .. index .. ","
    if index % 97 == 0 then collectgarbage() end
  end
  local count = 0
  for number in text:gmatch "(%d+)," do
    count = count + 1
    assert(tonumber(number) == count)
  end
  assert(count == rounds)
end

print "ok"
