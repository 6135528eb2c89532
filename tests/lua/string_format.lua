-- string.format.

local function fails(expected, ...)
  local ok, message = pcall(string.format, ...)
  assert(not ok, "an error was expected: " .. expected)
  assert(string.find(message, expected, 1, true), message)
end

local function gives(expected, ...)
  local actual = string.format(...)
  assert(actual == expected, "got <" .. actual .. ">, expected <" .. expected .. ">")
end

local infinity, notANumber = 1 / 0, -(0 / 0)

-- text and escapes
gives("plain", "plain")
gives("100%", "100%%")
gives("%d", "%%d")
gives("a\0b%", "a\0b%%")
gives("extra arguments are ignored", "extra arguments are ignored", 1, 2)
gives(string.rep("x", 5000) .. "1", string.rep("x", 5000) .. "%d", 1)
gives("12", 12)

-- %d, %i
gives("0 7 -7", "%d %d %i", 0, 7, -7)
gives("9223372036854775807 -9223372036854775808", "%d %d", math.maxinteger, math.mininteger)
gives("3 -0x", "%d -0x", 3.0)
gives("10 16", "%d %d", "10", "0x10")
gives("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42)
gives("[  -42][-42  ][-0042]", "[%5d][%-5d][%05d]", -42, -42, -42)
gives("[+42][ 42][+0042][ 0042]", "[%+d][% d][%+05d][% 05d]", 42, 42, 42, 42)
gives("[-42][-42][+42]", "[%+d][% d][%+ d]", -42, -42, 42)
gives("[0042][  0042][0042  ][-0042]", "[%.4d][%6.4d][%-6.4d][%.4d]", 42, 42, 42, -42)
gives("[    42][    42]", "[%06.2d][%6.2d]", 42, 42)
gives("[][0][    ][+]", "[%.0d][%.1d][%4.0d][%+.0d]", 0, 0, 0, 0)
gives("[42   ]", "[%-05d]", 42)
gives(string.rep(" ", 98) .. "7", "%99d", 7)
gives("-" .. string.rep("0", 98) .. "7", "%.99d", -7)
gives(string.rep("0", 99), "%.99d", 0)

-- %u, %o, %x, %X
gives("18446744073709551615", "%u", -1)
gives("[    7][00007][7    ]", "[%5u][%05u][%-5u]", 7, 7, 7)
gives("ff FF 0xff 0XFF", "%x %X %#x %#X", 255, 255, 255, 255)
gives("ffffffffffffffff 8000000000000000", "%x %x", -1, math.mininteger)
gives("0 0 0", "%x %#x %#o", 0, 0, 0)
gives("[  0xff][0xff  ][0x00ff]", "[%#6x][%-#6x][%#06x]", 255, 255, 255)
gives("[0x0ff][00ff]", "[%#.3x][%.4x]", 255, 255)
gives("17 017 [ 017] 1777777777777777777777", "%o %#o [%#4o] %o", 15, 15, 15, -1)
gives("[0017][0][]", "[%#.4o][%#.0o][%.0o]", 15, 0, 0)
gives("[017][017][  017]", "[%#.3o][%#.2o][%#5.2o]", 15, 15, 15)

-- %c
gives("Lua", "%c%c%c", 76, 117, 97)
gives("[\0][    A][A    ][\255]", "[%c][%5c][%-5c][%c]", 0, 65, 65, 255)
gives("A", "%c", "65")
gives("A", "%c", 65 + 256)

-- %s
gives("a b\0c", "%s %s", "a", "b\0c")
gives("1 2.5 nil true false", "%s %s %s %s %s", 1, 2.5, nil, true, false)
gives("1e+15 3.0 -0.0 1e+100", "%s %s %s %s", 1e15, 3.0, -0.0, 1e100)
gives("[    a][a    ][ab][   ab]", "[%5s][%-5s][%.2s][%5.2s]", "a", "a", "abc", "abc")
gives("[][   ][abc]", "[%.0s][%3.s][%.20s]", "abc", "abc", "abc")
gives(string.rep(" ", 98) .. "x", "%99s", "x")
gives(string.rep("x", 200), "%50s", string.rep("x", 200))
gives(string.rep("x", 99), "%.99s", string.rep("x", 200))
gives(string.rep("x", 200), "%-5s", string.rep("x", 200))
gives("object 1", "%s", setmetatable({}, { __tostring = function() return "object 1" end }))
gives("[   object]", "[%9s]", setmetatable({}, { __tostring = function() return "object" end }))
assert(string.find(string.format("%s", {}), "^table: 0x%x+$"))
assert(string.find(string.format("%s", setmetatable({}, { __name = "Thing" })), "^Thing: 0x%x+$"))
assert(string.find(string.format("%s", print), "^function: "))
fails("string contains zeros", "%10s", "a\0b")
fails("string contains zeros", "%.1s", "a\0b")
fails("'__tostring' must return a string", "%s", setmetatable({}, { __tostring = function() return {} end }))
fails("in tostring", "%s", setmetatable({}, { __tostring = function() error("in tostring") end }))

-- %f
gives("1.500000 -1.500000 0.000000 -0.000000", "%f %f %f %f", 1.5, -1.5, 0.0, -0.0)
gives("2.00 3 2 0.1", "%.2f %.0f %.0f %.1f", 2, 2.5000001, 2.5, 0.05 + 0.05)
gives("[    3.14][3.14    ][00003.14][+3.14][ 3.14]", "[%8.2f][%-8.2f][%08.2f][%+.2f][% .2f]", 3.14159, 3.14159,
  3.14159, 3.14159, 3.14159)
gives("[-0003.14][   -3.14]", "[%08.2f][%8.2f]", -3.14159, -3.14159)
gives("3. 3.", "%#.0f %#.f", 3.0, 3.0)
gives("0.1000000000000000055511151231257827021181583404541015625", "%.55f", 0.1)
gives("inf -inf [     inf][inf     ][+inf]", "%f %f [%08f][%-8f][%+f]", infinity, -infinity, infinity, infinity,
  infinity)
assert(string.find(string.format("%.1f", notANumber), "^%-?nan$"))
assert(#string.format("%.99f", -1.7976931348623157e308) == 410)
assert(#string.format("%99.99f", 1e300) == 401)
gives("0.333333333", "%0.9f", 1 / 3)
gives("5.0", "%.1f", "5")

-- %e, %E, %g, %G
gives("1.500000e+00 1.500000E+00 1e+10 1.5e-05 1E+10", "%e %E %g %g %G", 1.5, 1.5, 1e10, 1.5e-5, 1e10)
gives("0.1 0.0001 1e-05 100000 1e+06 123457", "%g %g %g %g %g %g", 0.1, 0.0001, 0.00001, 100000, 1000000, 123456.7)
gives("1.0000 1.00000 1.2346e+08 1e+02", "%#.5g %#g %.5g %.0g", 1, 1, 123456789, 123)
gives("[   1e+10][1e+10   ][0001e+10][+1e+10]", "[%8g][%-8g][%08g][%+g]", 1e10, 1e10, 1e10, 1e10)
gives("3.1416 3.14159265358979 3.1415926535897931", "%.5g %.15g %.17g", math.pi, math.pi, math.pi)
gives("1.7976931348623157e+308 4.9406564584124654e-324", "%.17g %.17g", 1.7976931348623157e308, 5e-324)
gives("0 -0 0e+00", "%g %g %.0e", 0.0, -0.0, 0.0)
gives("INF -INF inf", "%G %E %g", infinity, -infinity, infinity)
gives("1e+00 1.e+00", "%.0e %#.0e", 1.0, 1.0)
for _ = 1, 1000 do
  local x = (math.random() - 0.5) * 2.0 ^ math.random(-300, 300)
  assert(tonumber(string.format("%.17g", x)) == x and tonumber(string.format("%.16e", x)) == x)
  assert(tonumber(string.format("%a", x)) == x and tonumber(string.format("%A", x)) == x)
end

-- %a, %A
gives("0x1p+0 -0x1p+0 0x0p+0 -0x0p+0", "%a %a %a %a", 1.0, -1.0, 0.0, -0.0)
gives("0x1.8p+1 0X1.8P+1 0x1.999999999999ap-4", "%a %A %a", 3.0, 3.0, 0.1)
gives("0x1.fffffffffffffp+1023 0x0.0000000000001p-1022", "%a %a", 1.7976931348623157e308, 5e-324)
gives("inf -INF", "%a %A", infinity, -infinity)
gives("[  0x1.8p+1][0x1.8p+1  ][0x001.8p+1][+0x1.8p+1]", "[%10a][%-10a][%010a][%+a]", 3.0, 3.0, 3.0, 3.0)
gives("0x1.80p+1 0x1.ap-4 0x1p+0", "%.2a %.1a %.0a", 3.0, 0.1, 1.0)

-- %p
local object = {}
assert(string.format("%p", object) == string.match(tostring(object), "0x%x+"))
assert(string.format("%p", print) ~= string.format("%p", object))
gives("(null) (null) (null) [    (null)][(null)    ]", "%p %p %p [%10p][%-10p]", 1, nil, true, 2.5, false)
assert(string.format("%p", "short") == string.format("%p", "sh" .. "ort"))
assert(string.format("%-30p|", object) == string.format("%-30s|", string.format("%p", object)))

-- %q
gives('"a\\\nb\\\\\\"\\0c\\13\\0001\\127\xe4"', "%q", 'a\nb\\"\0c\r\0' .. '1\127\xe4')
gives('"" "\\9" "\\0009"', "%q %q %q", "", "\t", "\0" .. "9")
gives("1 -1 0x8000000000000000 9223372036854775807", "%q %q %q %q", 1, -1, math.mininteger, math.maxinteger)
gives("0x1p+0 -0x1.8p+1 0x0p+0 1e9999 -1e9999 (0/0)", "%q %q %q %q %q %q", 1.0, -3.0, 0.0, infinity, -infinity,
  notANumber)
gives("nil true false", "%q %q %q", nil, true, false)
for _, value in ipairs { "", "\0\1\0001\r\n\t\"\\", 1, -7, 0.1, -1e300, 5e-324, math.mininteger, math.maxinteger,
  infinity, true, false } do
  local read = load("return " .. string.format("%q", value))()
  assert(read == value and math.type(read) == math.type(value))
end
do
  local every = {}
  for i = 0, 255 do every[#every + 1] = string.char(i) .. string.char((i * 7 + 48) % 256) end
  every = table.concat(every)
  assert(load("return " .. string.format("%q", every))() == every)
end
fails("value has no literal form", "%q", {})
fails("value has no literal form", "%q", print)
fails("specifier '%q' cannot have modifiers", "%10q", "x")
fails("specifier '%q' cannot have modifiers", "%-q", "x")

-- several at once
gives("x = 10, y = 2.50, name = 'lua' (0x1f)", "x = %d, y = %.2f, name = '%s' (%#x)", 10, 2.5, "lua", 31)
do
  local format, arguments = {}, {}
  for i = 1, 200 do
    format[i] = "%d"
    arguments[i] = i
  end
  gives(table.concat(arguments, " "), table.concat(format, " "), table.unpack(arguments))
end

-- wrong arguments
fails("bad argument #2 to", "%d")
fails("no value", "%s")
fails("bad argument #3 to", "%d %d", 1)
fails("number expected, got string", "%d", "x")
fails("number expected, got nil", "%d", nil)
fails("number expected, got table", "%f", {})
fails("number has no integer representation", "%d", 1.5)
fails("number has no integer representation", "%x", "1.5")
fails("number has no integer representation", "%d", 2.0 ^ 63)
fails("number expected, got boolean", "%c", true)
fails("number expected, got string", "%a", "x")
fails("string expected, got table", {})

-- wrong formats
fails("invalid conversion '%y' to 'format'", "%y", 1)
fails("invalid conversion '%' to 'format'", "%", 1)
fails("no value", "%")
fails("invalid conversion '%5' to 'format'", "%5", 1)
fails("invalid conversion '%5%' to 'format'", "%5%", 1)
fails("invalid conversion '%.' to 'format'", "abc%.", 1)
fails("invalid conversion '%l' to 'format'", "%ld", 1)
fails("invalid conversion '%F' to 'format'", "%F", 1)
fails("invalid conversion '%n' to 'format'", "%n", 1)
fails("invalid conversion specification: '%123d'", "%123d", 1)
fails("invalid conversion specification: '%10.123f'", "%10.123f", 1)
fails("invalid conversion specification: '%#i'", "%#i", 1)
fails("invalid conversion specification: '%#d'", "%#d", 1)
fails("invalid conversion specification: '%+x'", "%+x", 1)
fails("invalid conversion specification: '% o'", "% o", 1)
fails("invalid conversion specification: '%+u'", "%+u", 1)
fails("invalid conversion specification: '%05s'", "%05s", "x")
fails("invalid conversion specification: '%+s'", "%+s", "x")
fails("invalid conversion specification: '%05c'", "%05c", 65)
fails("invalid conversion specification: '%.3c'", "%.3c", 65)
fails("invalid conversion specification: '%.3p'", "%.3p", {})
fails("invalid conversion specification: '%#s'", "%#s", "x")
fails("invalid conversion specification: '%1.2.3f'", "%1.2.3f", 1)
fails("invalid conversion specification: '%1-d'", "%1-d", 1)
fails("invalid format (too long)", "%0000000000000000000000000001d", 1)
fails("invalid format (too long)", "%" .. string.rep("-", 30) .. "d", 1)
gives("1", "%--------------------d", 1)
gives("1", "%0000000001d", 1)

print("string_format ok")
