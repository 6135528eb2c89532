-- String literals (manual 3.1): every escape, long brackets, line ends; and comments next to them.

local function value(source) return assert(load("return " .. source, "=literal"))() end
local function refuses(text, source)
  local f, message = load("return " .. source, "=literal")
  assert(f == nil, "accepted: " .. source)
  assert(message:find(text, 1, true), message)
end
local function bytes(...) return string.char(...) end

-- Single characters.
assert('\a\b\f\n\r\t\v' == bytes(7, 8, 12, 10, 13, 9, 11) and "\\" == bytes(92) and "\"" == '"' and '\'' == "'")
assert("'" == '\'' and '"' == "\"" and "\
" == "\n")
for code = 0, 255 do
  local char = string.char(code)
  assert(value(("'\\%d'"):format(code) .. "") == char)
  assert(value(("'\\%03d'"):format(code)) == char and value(("'\\x%02x'"):format(code)) == char)
  assert(value(("'\\x%02X'"):format(code)) == char)
  if char ~= "'" and char ~= "\\" and char ~= "\n" and char ~= "\r" then
    assert(value("'" .. char .. "'") == char)
    assert(value("[=[" .. char .. "]=]") == char)
  end
end
assert("\1234" == bytes(123, 52) and "\0071" == bytes(7, 49) and "\9a" == "\ta" and "\x414" == "A4" and "\0\0" == bytes(0, 0))
assert(#"\0" == 1 and "a\0b" == bytes(97, 0, 98) and #[[a\0b]] == 4)
refuses("decimal escape too large near", "'\\256'")
refuses("decimal escape too large", "'\\999'")
refuses("hexadecimal digit expected near", "'\\xg0'")
refuses("hexadecimal digit expected", "'\\x0'")
refuses("invalid escape sequence near ''\\q'", "'\\q'")
refuses("invalid escape sequence near ''\\A'", "'\\A'")
refuses("unfinished string", "'abc")
refuses("unfinished string", "'abc\n'")
refuses("unfinished string near <eof>", '"abc')
refuses("unfinished string", "'abc\\")
refuses("unfinished string near <eof>", "'")

-- UTF-8.
assert("\u{0}" == "\0" and "\u{41}" == "A" and "\u{7f}" == "\x7f" and "\u{80}" == "\xC2\x80" and "\u{7FF}" == "\xDF\xBF")
assert("\u{800}" == "\xE0\xA0\x80" and "\u{FFFF}" == "\xEF\xBF\xBF" and "\u{10000}" == "\xF0\x90\x80\x80")
assert("\u{10FFFF}" == "\xF4\x8F\xBF\xBF" and "\u{1FFFFF}" == "\xF7\xBF\xBF\xBF" and "\u{200000}" == "\xF8\x88\x80\x80\x80")
assert("\u{3FFFFFF}" == "\xFB\xBF\xBF\xBF\xBF" and "\u{7FFFFFFF}" == "\xFD\xBF\xBF\xBF\xBF\xBF")
assert("\u{000041}" == "A" and "\u{e9}t\u{E9}" == "\xC3\xA9t\xC3\xA9")
refuses("UTF-8 value too large", "'\\u{80000000}'")
refuses("missing '{'", "'\\u41'")
refuses("missing '}'", "'\\u{41'")
refuses("hexadecimal digit expected", "'\\u{}'")
refuses("hexadecimal digit expected", "'\\u{g}'")

-- \z skips white space, also line ends and nothing at all.
assert("a\z
        b\z c\z" == "abc" and "x\z\z\z y" == "xy" and "\z   " == "")
assert(value "'a\\z\n\r\n\t\v\f  b'" == "ab")

-- Line ends in strings become \n, however they are written.
assert(value "'a\\\nb'" == "a\nb" and value "'a\\\r\nb'" == "a\nb" and value "'a\\\n\rb'" == "a\nb" and value "'a\\\rb'" == "a\nb")
assert(value "[[a\r\nb\rc\n\rd\ne]]" == "a\nb\nc\nd\ne")

-- Long brackets.
assert([[x]] == "x" and [==[x]==] == "x" and [[]] == "" and [=[]]]=] == "]]" and [==[]=]]==] == "]=]")
assert([[
first]] == "first" and [[

second]] == "\nsecond" and [[a
]] == "a\n")
assert(value "[[\r\nx]]" == "x" and value "[[\n\rx]]" == "x" and value "[[\r\rx]]" == "\nx")
assert([[\n]] == "\\n" and #[[\]] == 1 and [[a]b]] == "a]b" and [=[a]]b]=] == "a]]b" and [[a[[b]] == "a[[b")
for level = 0, 12 do
  local equals = ("="):rep(level)
  assert(value("[" .. equals .. "[text]" .. equals .. "]") == "text")
  local other = "]" .. equals .. "=]"
  assert(value("[" .. equals .. "[" .. other .. " ]" .. equals .. "]") == other .. " ")
end
refuses("invalid long string delimiter", "[=x")
refuses("unfinished long string (starting at line 1) near <eof>", "[[abc")
refuses("unfinished long string (starting at line 2)", "\n[==[abc]]\n\n")

-- Comments of both kinds.
assert(value "1 -- comment" == 1 and value "1 --[[ a\nb ]] + 1" == 2 and value "--[==[ ]] ]==] 5" == 5)
assert(value "--[ not long\n6" == 6 and value "--[==\n7" == 7 and value "8 --" == 8)
do
  local f, message = load("--[[ never closed", "=literal")
  assert(f == nil and message:find("unfinished long comment", 1, true))
end

-- As call arguments and keys; as operands with methods in parentheses.
do
  local function echo(s) return s end
  assert(echo "a" == "a" and echo 'b' == "b" and echo [[c]] == "c" and echo [=[d]=] == "d" and #echo "" == 0)
  local t = { ["a b"] = 1, ['c'] = 2, [ [[d]] ] = 3 }
  assert(t["a b"] == 1 and t.c == 2 and t.d == 3 and ("%d"):format(3) == "3" and #"four" == 4)
end

-- Long literals around sizes where storage may change.
for _, length in ipairs { 1, 2, 15, 16, 31, 32, 39, 40, 41, 63, 64, 127, 128, 255, 256, 257, 1000, 65535, 65536, 70000 } do
  local text = ("0123456789"):rep(length // 10 + 1):sub(1, length)
  assert(value("'" .. text .. "'") == text and value("[[" .. text .. "]]") == text and #value("'" .. text .. "'") == length)
end

-- %q writes what load reads back.
for _, text in ipairs { "", "a\nb", "\0", "\0001", "\r\n", '"', "\\", "\200\255", "tab\tbell\a", "a\0\0b" } do
  assert(value(("%q"):format(text)) == text)
end

print "ok"
