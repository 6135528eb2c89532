-- string.pack, string.packsize and string.unpack.

local pack, packsize, unpack = string.pack, string.packsize, string.unpack

local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "an error was expected: " .. expected)
  assert(string.find(message, expected, 1, true), message)
end

local function isPacked(expected, ...)
  local actual = pack(...)
  assert(actual == expected, string.format("%q, expected %q", actual, expected))
end

local native = pack("=I2", 1) == "\1\0" and "<" or ">"

-- sizes
assert(packsize("") == 0 and packsize("b") == 1 and packsize("h") == 2 and packsize("i") == 4 and packsize("j") == 8)
assert(packsize("l") == 8 and packsize("T") == 8 and packsize("f") == 4 and packsize("d") == 8 and packsize("n") == 8)
assert(packsize("BHILJ") == 1 + 2 + 4 + 8 + 8 and packsize("<!4 b i4") == 8 and packsize("!bi") == 8)
assert(packsize("i1i2i3i16") == 22 and packsize("c10 x x") == 12 and packsize("!8 b Xd d") == 16)
assert(packsize("c2147483639c8") == 2147483647)

-- integers of all sizes, both ways round
for size = 1, 16 do
  local ones = string.rep("\xff", size)
  isPacked(ones, "<i" .. size, -1)
  isPacked("\x12" .. string.rep("\0", size - 1), "<I" .. size, 0x12)
  isPacked(string.rep("\0", size - 1) .. "\x12", ">I" .. size, 0x12)
  assert(packsize("i" .. size) == size)
  assert(unpack("<i" .. size, ones) == -1 and unpack(">i" .. size, ones) == -1)
  if size < 8 then
    local limit = 1 << (8 * size - 1)
    assert(unpack("I" .. size, ones) == 2 * limit - 1)
    for _, value in ipairs { -limit, limit - 1, 0, 1, -1, limit // 3 } do
      for _, order in ipairs { "<", ">", "=" } do
        local format = order .. "i" .. size
        assert(unpack(format, pack(format, value)) == value)
      end
    end
    fails("integer overflow", pack, "i" .. size, limit)
    fails("integer overflow", pack, "i" .. size, -limit - 1)
    fails("unsigned overflow", pack, "I" .. size, 2 * limit)
    fails("unsigned overflow", pack, "I" .. size, -1)
  else
    for _, value in ipairs { math.mininteger, math.maxinteger, -2, 2 } do
      assert(unpack("<i" .. size, pack("<i" .. size, value)) == value)
      assert(unpack(">i" .. size, pack(">i" .. size, value)) == value)
    end
    assert(unpack("<I" .. size, pack("<I" .. size, -2)) == -2)
  end
  if size > 8 then
    fails(size .. "-byte integer does not fit into Lua Integer", unpack, "<i" .. size,
      string.rep("\0", size - 1) .. "\1")
    fails("does not fit", unpack, "<I" .. size, ones)
    fails("does not fit", unpack, ">i" .. size, "\x7f" .. string.rep("\xff", size - 1))
  end
end
isPacked("\1\2\3\4\5\6\7\8", ">j", 0x0102030405060708)
isPacked("\8\7\6\5\4\3\2\1", "<j", 0x0102030405060708)
assert(pack("=i4", 0x01020304) == pack(native .. "i4", 0x01020304) and pack("i4", 7) == pack("=i4", 7))
isPacked("\0\1\2\0\0\3", ">I2 <I2 >I2", 1, 2, 3)
isPacked("\5\0\0\0", "<i4", "5")
isPacked("\5", "b", 5.0)

-- floats
for _, value in ipairs { 0.0, 1.5, -1.5, 2.0 ^ 100, -2.0 ^ -100, 1 / 0, -1 / 0, 0.1 } do
  for _, order in ipairs { "<", ">", "=" } do
    assert(unpack(order .. "d", pack(order .. "d", value)) == value)
    assert(unpack(order .. "n", pack(order .. "n", value)) == value)
    assert(unpack(order .. "f", pack(order .. "f", value)) == value or value == 0.1)
  end
  assert(pack("<d", value) == pack(">d", value):reverse() and pack("<f", value) == pack(">f", value):reverse())
end
isPacked("\x3f\xf8\0\0\0\0\0\0", ">d", 1.5)
isPacked("\x3f\xc0\0\0", ">f", 1.5)
isPacked("\x40\x40\0\0", ">f", "3")
assert(math.type(unpack("d", pack("d", 1))) == "float")
assert(unpack("<f", "\0\0\0\x80") == 0 and 1 / unpack("<f", "\0\0\0\x80") < 0)
do
  local notANumber = unpack("d", pack("d", 0 / 0))
  assert(notANumber ~= notANumber)
end

-- strings
isPacked("\3abc", "s1", "abc")
isPacked("\0\3abc", ">s2", "abc")
isPacked("\3\0\0\0\0\0\0\0abc", "<s", "abc")
isPacked("abc\0", "z", "abc")
isPacked("\0", "z", "")
isPacked("abc\0\0", "c5", "abc")
isPacked("abc", "c3", "abc")
isPacked("", "c0", "")
isPacked("12", "c2", 12)
assert(unpack("s1", "\3abcdef") == "abc" and unpack(">s2", "\0\3abc") == "abc" and unpack("z", "abc\0def") == "abc")
assert(unpack("c5", "abc\0\0") == "abc\0\0" and unpack("c0", "") == "" and unpack("s1", "\0") == "")
do
  local long = string.rep("x", 70000)
  local packed = pack("<s4zs2", long, long, "y")
  local a, b, c, position = unpack("<s4zs2", packed)
  assert(a == long and b == long and c == "y" and position == #packed + 1)
  assert(unpack("s", pack("s", "a\0b")) == "a\0b")
end
fails("string longer than given size", pack, "c2", "abc")
fails("string length does not fit in given size", pack, "s1", string.rep("x", 256))
fails("string contains zeros", pack, "z", "a\0b")
fails("unfinished string for format 'z'", unpack, "z", "abc")
fails("data string too short", unpack, "s1", "\5abc")
fails("data string too short", unpack, "<s8", string.rep("\xff", 8) .. "abc")
fails("data string too short", unpack, "c4", "abc")
fails("data string too short", unpack, "i4", "abc")
fails("data string too short", unpack, "d", "1234567")

-- padding and alignment
isPacked("\1\0\2", "<bxb", 1, 2)
isPacked("\1\0\0\0\2\0\0\0", "<!4 b i4", 1, 2)
isPacked("\1\0\2\0\0\0", "<!2 b i4", 1, 2)
isPacked("\1\2\0\0\0", "<!1 b i4", 1, 2)
isPacked("\1\2\0\0\0", "<b i4", 1, 2)
isPacked("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", "<! b j", 1, 2)
isPacked("\1\0\0\0", "<!4 b Xi4", 1)
isPacked("\1\0\0\0\7", "<!4 b Xi4 b", 1, 7)
isPacked("\1abc", "!4 b c3", 1, "abc")
isPacked("\1\0\3\0abc", "<!2 b s2", 1, "abc")
isPacked("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "<!16 b i16", 1, 2)
do
  local a, b, c, position = unpack("<!4 b i4 Xi4 b", "\1\0\0\0\2\0\0\0\3")
  assert(a == 1 and b == 2 and c == 3 and position == 10)
end
fails("format asks for alignment not power of 2", packsize, "!4 i3")
fails("format asks for alignment not power of 2", pack, "!3 i4", 1)
assert(packsize("!2 i3 i3") == 7)
fails("invalid next option for option 'X'", packsize, "X")
fails("invalid next option for option 'X'", packsize, "Xz")
fails("invalid next option for option 'X'", packsize, "Xc1")
fails("invalid next option for option 'X'", packsize, "XX")
fails("invalid next option for option 'X'", packsize, "X i4")
assert(packsize("Xi4") == 0 and packsize("!4 bXi4") == 4 and packsize("!4 bXs4") == 4 and packsize("bXx") == 1)

-- unpack: positions and several values
do
  local data = pack("<i2i2i2", 10, 20, 30)
  local results = table.pack(unpack("<i2i2i2", data))
  assert(results.n == 4 and results[1] == 10 and results[2] == 20 and results[3] == 30 and results[4] == 7)
  assert(unpack("<i2", data, 3) == 20 and unpack("<i2", data, -2) == 30 and select(2, unpack("<i2", data, 3)) == 5)
  assert(unpack("", data) == 1 and unpack("", data, 7) == 7)
  assert(unpack("<i2", data, 0) == 10 and unpack("<i2", data, -100) == 10)
  fails("initial position out of string", unpack, "<i2", data, 8)
  fails("initial position out of string", unpack, "", data, math.maxinteger)
  fails("data string too short", unpack, "<i2", data, 6)
  local position, sum = 1, 0
  while position <= #data do
    local value
    value, position = unpack("<i2", data, position)
    sum = sum + value
  end
  assert(sum == 60)
  local many = table.pack(unpack(string.rep("b", 200), string.rep("\7", 200)))
  assert(many.n == 201 and many[200] == 7 and many[201] == 201)
end

-- errors in formats and arguments
fails("invalid format option 'y'", pack, "y", 1)
fails("invalid format option '1'", pack, "b1", 1)
fails("integral size (17) out of limits [1,16]", pack, "i17", 1)
fails("integral size (0) out of limits [1,16]", pack, "I0", 1)
fails("integral size (20) out of limits [1,16]", packsize, "!20")
fails("integral size (0) out of limits [1,16]", packsize, "s0")
fails("missing size for format option 'c'", pack, "c", "x")
fails("variable-length format", packsize, "s")
fails("variable-length format", packsize, "iz")
fails("format result too large", packsize, "c2147483639c9")
fails("invalid format option '8'", packsize, "c2147483648")
fails("number expected, got string", pack, "i", "x")
fails("number expected, got string", pack, "d", "x")
fails("number has no integer representation", pack, "i", 1.5)
fails("string expected, got table", pack, "z", {})
fails("bad argument #3 to", pack, "bb", 1, {})
fails("bad argument #2 to", pack, "b")
fails("string expected, got no value", pack)
fails("string expected, got no value", unpack, "b")

print("string_pack ok")
