-- string.format with every conversion, flag, width and precision.
local integers = { 0, 1, -1, 42, -12345, math.maxinteger, math.mininteger }
for _, f in ipairs { "%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%-8.3d|", "%i", "%u", "%x", "%X", "%#x", "%o", "%#o", "%08x", "%c" } do
  local parts = {}
  for i, n in ipairs(integers) do
    local ok, text
    if f == "%c" then
      ok, text = pcall(string.format, f, 65 + i)
    else
      ok, text = pcall(string.format, f, n)
    end
    parts[i] = tostring(text)
  end
  print(f, table.concat(parts, " ; "))
end
local floats = { 0.0, -0.0, 1.0, -1.5, 3.14159265358979, 1e10, 1e-10, 123456789.125, 1e100, 2 ^ 53, 1 / 3, 5e-324, 1.7976931348623157e308, 1 / 0, -1 / 0 }
for _, f in ipairs { "%f", "%.0f", "%.2f", "%10.3f", "%-10.1f|", "%+.1f", "%010.2f", "%e", "%.3e", "%E", "%g", "%.3g", "%G", "%.14g", "%.17g", "%#.3g", "% g", "%a", "%.2a", "%A" } do
  local parts = {}
  for i, x in ipairs(floats) do parts[i] = f:format(x) end
  print(f, table.concat(parts, " ; "))
end
for _, f in ipairs { "%s", "%10s|", "%-10s|", "%.2s|", "%10.2s|", "%-10.2s|" } do
  print(f, f:format "text", f:format "", f:format(12), f:format(1.5), f:format(true), f:format(nil), f:format "longer than ten")
end
for _, value in ipairs { "plain", "with \"quotes\"", "line\nbreak", "\0zero\1\200\r\t\\", 12, -7, 1.5, 1e100, 1 / 0, -1 / 0, math.mininteger, 0.1, true, "\n\n" } do
  print(string.format("%q", value))
end
print(string.format("%q %q", nil, false))
print(string.format("%%"), string.format("%5.1f%%", 99.55), string.format("%s %s %s", 1, "two", 3.0))
print(string.format("%d", 3.0), string.format("%x", 255.0), string.format("%s", setmetatable({}, { __tostring = function() return "object" end })))
print(string.format("%-20s%5d%8.2f", "aligned", 42, 3.14159))
print(#string.format("%99d", 7), #string.format("%.99f", 1 / 3))
for _, call in ipairs {
  { "%d", 1.5 }, { "%d", "x" }, { "%d" }, { "%y", 1 }, { "%", 1 }, { "%c", "x" }, { "%s" }, { "%q", {} }, { "%100d", 1 }, { "%.100f", 1 }, { "%0-+ #d", 5 },
  { "%d", "10" }, { "%x", -1 }, { "%5s", "x\0y" }, { "%q", "x", 1 }, { "%10q", "x" }, { "%d %d", 1 }, { "%i", 2 ^ 63 },
} do
  print(call[1], pcall(string.format, table.unpack(call)))
end
