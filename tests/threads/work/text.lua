-- Numbers and dates as text and back, patterns, packing.
local parts = {}
local function add(...) parts[#parts + 1] = string.format(...) end
for i = 1, 200 do
  local x = (i * 1.1) ^ 3 / 7
  add("%d %5.2f %g %a %q %s", i, x, x, x, x, tostring(x))
  add("%-8s|%8s|%c%x%o%i%%", "ab", i, 64 + i % 26, i, i, i)
  assert(tonumber(("%.17g"):format(x)) == x and tonumber(("0x%x"):format(i)) == i)
  local a, b, c = string.unpack("<i4dz", string.pack("<i4dz", i, x, "z" .. i))
  assert(a == i and b == x and c == "z" .. i)
end
for i = 0, 20 do
  parts[#parts + 1] = os.date("!%Y-%m-%d %H:%M:%S %a %b %j", i * 86400 * 45)
  local fields = os.date("*t", i * 86400 * 30)
  assert(os.time(fields) == i * 86400 * 30)
end
for word, number in ("alpha=1, beta=22, gamma=333"):gmatch("(%a+)=(%d+)") do add("%s:%d", word, number) end
add("%s", (("some longer text, more of it"):gsub("%w+", {some = "any", text = "words"}):gsub("o", string.upper)))
add("%s", utf8.char(228, 8364, 128512))
local text = table.concat(parts, "\n")
local hash = 0
for i = 1, #text do hash = (hash * 33 + text:byte(i)) % 2147483647 end
return #text .. " " .. hash
