-- Base64, hexadecimal, ROT13, bit strings, and string.pack and unpack formats.
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function encode(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = s:byte(i, i + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    for k = 0, 3 do
      local index = n >> (18 - 6 * k) & 63
      out[#out + 1] = (k == 2 and not b or k == 3 and not c) and "=" or alphabet:sub(index + 1, index + 1)
    end
  end
  return table.concat(out)
end
local function decode(s)
  local bits, count, out = 0, 0, {}
  for c in s:gmatch "[^=]" do
    bits = bits << 6 | (alphabet:find(c, 1, true) - 1)
    count = count + 6
    if count >= 8 then
      count = count - 8
      out[#out + 1] = string.char(bits >> count & 255)
      bits = bits & (1 << count) - 1
    end
  end
  return table.concat(out)
end
for _, s in ipairs { "", "f", "fo", "foo", "foob", "fooba", "foobar", "\0\255\128", "Many hands make light work." } do
  local e = encode(s)
  print(e, decode(e) == s, (s:gsub(".", function(c) return ("%02X"):format(c:byte()) end)))
end
print((("Hello, World!"):gsub("%a", function(c) local base = c:lower() == c and 97 or 65 return string.char((c:byte() - base + 13) % 26 + base) end)))
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
for _, case in ipairs {
  { "<i4", 1 }, { ">i4", 1 }, { "<i8", -1 }, { ">I2", 65535 }, { "b", -128 }, { "B", 255 }, { "<h", -2 }, { "<d", 1.5 }, { ">d", -0.0 }, { "<f", 0.25 }, { "z", "zero" }, { "s1", "short" },
  { "<s4", "four" }, { "<i3", -3 }, { ">I5", 1 << 33 }, { "<i16", -5 }, { "<j", math.mininteger }, { "<n", math.pi }, { "c5", "abc" }, { "<!4 i1 i4", 1, 2 }, { "<i1 x i1", 1, 2 },
  { "<!8 i1 Xi8 i1", 1, 2 }, { ">i2 <i2 =i2", 1, 1, 1 }, { "<I1 I2 I3 I4", 1, 2, 3, 4 }, { "<l", -7 }, { "<T", 9 },
} do
  local packed = string.pack(table.unpack(case))
  print(case[1], hex(packed), #packed, string.unpack(case[1], packed))
end
print(string.packsize "<i4 i8 d", string.packsize "!8 i1 i8", string.packsize "c10 b")
print(string.unpack("<i2 i2", "\1\0\2\0\3\0", 3), string.unpack("z", "abc\0def", 2), string.unpack("<i4", "\255\255\255\255"), string.unpack("<I4", "\255\255\255\255"))
for _, call in ipairs {
  { string.pack, "i1", 200 }, { string.pack, "I1", -1 }, { string.pack, "y", 1 }, { string.pack, "i17", 1 }, { string.unpack, "<i4", "abc" }, { string.unpack, "z", "abc" },
  { string.packsize, "s" }, { string.pack, "z", "a\0b" }, { string.pack, "c2", "abc" }, { string.unpack, "<i4", "abcd", 10 }, { string.unpack, "<i16", ("\255"):rep(8) .. ("\1"):rep(8) },
  { string.pack, "!3 i4", 1 }, { string.pack, "i4", "x" }, { string.pack, "i4", 1.5 },
} do print(pcall(table.unpack(call))) end
