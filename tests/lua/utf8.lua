-- The utf8 library.

local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "an error was expected: " .. expected)
  assert(string.find(message, expected, 1, true), message)
end

assert(utf8.charpattern == "[\0-\x7F\xC2-\xFD][\x80-\xBF]*")

-- every length, at both ends of its range: text, code point
local samples = {
  { "\0", 0 }, { "\x7F", 0x7F }, { "\xC2\x80", 0x80 }, { "\xDF\xBF", 0x7FF }, { "\xE0\xA0\x80", 0x800 },
  { "\xED\x9F\xBF", 0xD7FF }, { "\xEE\x80\x80", 0xE000 }, { "\xEF\xBF\xBF", 0xFFFF }, { "\xF0\x90\x80\x80", 0x10000 },
  { "\xF4\x8F\xBF\xBF", 0x10FFFF }, { "\u{20AC}", 0x20AC }, { "\u{1F600}", 0x1F600 },
}
local laxSamples = {
  { "\xED\xA0\x80", 0xD800 }, { "\xED\xBF\xBF", 0xDFFF }, { "\xF4\x90\x80\x80", 0x110000 },
  { "\xF7\xBF\xBF\xBF", 0x1FFFFF },
  { "\xF8\x88\x80\x80\x80", 0x200000 }, { "\xFB\xBF\xBF\xBF\xBF", 0x3FFFFFF },
  { "\xFC\x84\x80\x80\x80\x80", 0x4000000 },
  { "\xFD\xBF\xBF\xBF\xBF\xBF", 0x7FFFFFFF },
}
for _, sample in ipairs(samples) do
  local text, code = sample[1], sample[2]
  assert(utf8.char(code) == text and utf8.codepoint(text) == code and utf8.len(text) == 1)
  assert(utf8.len(text, 1, -1, true) == 1 and text:match("^" .. utf8.charpattern .. "$") == text)
end
for _, sample in ipairs(laxSamples) do
  local text, code = sample[1], sample[2]
  assert(utf8.char(code) == text and utf8.codepoint(text, 1, 1, true) == code and utf8.len(text, 1, -1, true) == 1)
  local length, position = utf8.len(text)
  assert(length == nil and position == 1)
  fails("invalid UTF-8 code", utf8.codepoint, text)
  for position, seen in utf8.codes(text, true) do assert(position == 1 and seen == code) end
  fails("invalid UTF-8 code", function() for _ in utf8.codes(text) do end end)
end

-- what is invalid in any mode
for _, text in ipairs { "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2a", "\xE0\x80\x80", "\xE0\x9F\xBF",
  "\xE2\x82",
  "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF8\x80\x80\x80\x80", "\xFC\x80\x80\x80\x80\x80", "\xFE", "\xFF",
  "\xFE\x80\x80\x80\x80\x80\x80", "\xE2\x28\xA1" } do
  for _, lax in ipairs { false, true } do
    local length, position = utf8.len("ab" .. text .. "c", 1, -1, lax)
    assert(length == nil and position == 3)
    fails("invalid UTF-8 code", utf8.codepoint, text, 1, -1, lax)
  end
end

-- char
assert(utf8.char() == "" and utf8.char(72, 228, 0x20AC, 0x1F600) == "H\u{E4}\u{20AC}\u{1F600}")
assert(utf8.char("65", 66.0) == "AB")
fails("value out of range", utf8.char, -1)
fails("value out of range", utf8.char, 0x80000000)
fails("bad argument #2 to", utf8.char, 1, -1)
fails("number expected, got string", utf8.char, "x")

-- len
local text = "h\u{E4}\u{20AC}\u{1F600}!"  -- 1 + 2 + 3 + 4 + 1 bytes
assert(#text == 11 and utf8.len(text) == 5 and utf8.len("") == 0 and utf8.len("a\0b") == 3)
assert(utf8.len(text, 2) == 4 and utf8.len(text, -1) == 1 and utf8.len(text, 12) == 0 and utf8.len(text, 1, 1) == 1)
assert(utf8.len(text, 1, 2) == 2 and utf8.len(text, 4, 6) == 1)
assert(utf8.len(text, 5, 4) == 0 and utf8.len(text, 1, 0) == 0)
do
  local length, position = utf8.len(text, 3)
  assert(length == nil and position == 3)
  length, position = utf8.len("abc\xE3def")
  assert(length == nil and position == 4)
end
fails("initial position out of bounds", utf8.len, text, 0)
fails("initial position out of bounds", utf8.len, text, 13)
fails("initial position out of bounds", utf8.len, text, -12)
fails("final position out of bounds", utf8.len, text, 1, 12)
fails("string expected, got no value", utf8.len)

-- codepoint
do
  local codes = table.pack(utf8.codepoint(text, 1, -1))
  assert(codes.n == 5 and codes[1] == 104 and codes[2] == 228)
  assert(codes[3] == 0x20AC and codes[4] == 0x1F600 and codes[5] == 33)
  assert(utf8.codepoint(text, 4) == 0x20AC and utf8.codepoint(text, -1) == 33)
  assert(select("#", utf8.codepoint(text, 4, 5)) == 1)
  assert(select("#", utf8.codepoint(text, 3, 2)) == 0 and select("#", utf8.codepoint("", 1, 0)) == 0)
  assert(utf8.char(utf8.codepoint(text, 1, -1)) == text)
end
fails("out of bounds", utf8.codepoint, text, 0)
fails("bad argument #3 to", utf8.codepoint, text, 1, 12)
fails("out of bounds", utf8.codepoint, "", 1)
fails("invalid UTF-8 code", utf8.codepoint, text, 3)

-- offset
do
  local starts = { 1, 2, 4, 7, 11 }
  for i, start in ipairs(starts) do
    assert(utf8.offset(text, i) == start and utf8.offset(text, i - 6) == start)
    for byte = start, (starts[i + 1] or 12) - 1 do assert(utf8.offset(text, 0, byte) == start) end
  end
  assert(utf8.offset(text, 6) == 12 and utf8.offset(text, 7) == nil and utf8.offset(text, -6) == nil)
  assert(utf8.offset(text, 1, 4) == 4 and utf8.offset(text, 2, 4) == 7 and utf8.offset(text, -1, 4) == 2)
  assert(utf8.offset("", 1) == 1 and utf8.offset("", 0) == 1)
  assert(utf8.offset("", -1) == nil and utf8.offset("", 2) == nil)
  assert(utf8.offset(text, 1, 12) == 12 and utf8.offset(text, 0, 12) == 12)
end
fails("initial position is a continuation byte", utf8.offset, text, 1, 3)
fails("position out of bounds", utf8.offset, text, 1, 13)
fails("position out of bounds", utf8.offset, text, 1, -12)
fails("number expected, got no value", utf8.offset, text)

-- codes
do
  local seen = {}
  for position, code in utf8.codes(text) do seen[#seen + 1] = position .. ":" .. code end
  assert(table.concat(seen, " ") == "1:104 2:228 4:8364 7:128512 11:33")
  for _ in utf8.codes("") do error("the empty string has no characters") end
  local zeros = 0
  for _, code in utf8.codes("\0\0\0") do
    assert(code == 0)
    zeros = zeros + 1
  end
  assert(zeros == 3)
end
fails("invalid UTF-8 code", function() for _ in utf8.codes("ab\xff") do end end)
fails("string expected, got no value", utf8.codes)

-- the pattern takes a string apart
do
  local parts = {}
  for character in text:gmatch(utf8.charpattern) do parts[#parts + 1] = character end
  assert(#parts == 5 and table.concat(parts) == text and parts[4] == "\u{1F600}")
end

print("utf8 ok")
