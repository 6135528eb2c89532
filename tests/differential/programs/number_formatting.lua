-- How numbers become text and text becomes numbers.
for _, x in ipairs {
  0, -0.0, 1, 1.0, -1, 0.1, 0.2 + 0.1, 1 / 3, 2 / 3, 100, 100.0, 1e3, 1e14, 1e15, 1e16, 123456789012345, 123456789012345.0, 1234567890123456.0, 1e-3, 1e-4, 1e-5,
  12345.678e-10, 2 ^ 31, 2 ^ 53, 2 ^ 63, -2 ^ 63, 2 ^ 64, 1e100, 1e300, 1e308, 5e-324, 2.2250738585072014e-308, 3.14159265358979, 2.718281828459045, 0.5, 0.25,
  1e15 + 0.5, 99999999999999.9, 999999999999999.9, math.maxinteger, math.mininteger, math.maxinteger + 0.0, math.pi, -math.pi, math.huge, -math.huge,
} do
  print(x, x .. "", math.type(x), string.format("%.14g %.17g", x, x), tostring(x) == x .. "")
end
for _, text in ipairs {
  "0", "10", "  10  ", "1e1", "0x10", "0xA.8", "0x.1p4", "0x1p-2", "1e", "e1", ".5", "5.", ".", "", " ", "1 2", "0x", "0xg", "1e+5", "1e-5", "+5", "-5", "- 5", "--5", "1_000",
  "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0xffffffffffffffff", "0x1ffffffffffffffff", "1e400", "-1e400", "inf", "nan",
  "0b101", "1.5e3.2", "0x1.8", "1e0", "00012", "0.0001", "123abc", "\t7\n", "7\0", "1e308", "4.9e-324", "1e-400", "0x0.0000000001p40",
} do
  local value = tonumber(text)
  print(("%q"):format(text), value, math.type(value or "x"))
end
for base = 2, 36, 5 do
  print(base, tonumber("10", base), tonumber("zz", base), tonumber("1Z", base), tonumber("-11", base), tonumber(" 11 ", base), tonumber("", base))
end
print(pcall(tonumber, "10", 1), pcall(tonumber, "10", 37), pcall(tonumber, 10, 10), pcall(tonumber))
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger({}), math.tointeger(2 ^ 53))
print(7 // 2, -7 // 2, 7 // -2, 7.0 // 2, 7 % -3, -7 % 3, 7.5 % 2, -7.5 % 2, 1e15 % 7, 5 // 0.0, -5 // 0.0, 2 ^ 0.5)
print(10 / 2, 3 * 1.0, 6 - 6.0, 1e15 * 10, 1e15 * 100, 2 ^ 10, 10 // 3.0, 1 << 62, 3 | 4.0)
print(string.format("%5.1f|%-8d|%08.3f|%+d", 3.14159, 42, -3.14159, 7))
print(0x7fffffffffffffff + 1, -0x8000000000000000, 0xff, 0xA, 1e2, 0x10p2)
