-- Patterns: find, match, gmatch and gsub.

local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "an error was expected: " .. expected)
  assert(string.find(message, expected, 1, true), message)
end

-- Compares all results with what is listed after the call.
local function gives(expected, ...)
  local actual = table.pack(...)
  assert(actual.n == expected.n, "number of results: " .. actual.n .. ", expected " .. expected.n)
  for i = 1, expected.n do
    assert(rawequal(actual[i], expected[i]), i .. ": " .. tostring(actual[i]) .. ", expected " .. tostring(expected[i]))
  end
end
local pack = table.pack

-- find: plain text
gives(pack(1, 0), string.find("", ""))
gives(pack(1, 0), string.find("alo", ""))
gives(pack(4, 3), string.find("alo", "", 4))
gives(pack(nil), string.find("alo", "", 5))
gives(pack(nil), string.find("", "a"))
gives(pack(2, 3), string.find("abcabc", "bc"))
gives(pack(5, 6), string.find("abcabc", "bc", 3))
gives(pack(5, 6), string.find("abcabc", "bc", -2))
gives(pack(2, 3), string.find("abcabc", "bc", -100))
gives(pack(nil), string.find("abcabc", "bc", 100))
gives(pack(nil), string.find("abcabc", "bc", math.maxinteger))
gives(pack(2, 3), string.find("abcabc", "bc", math.mininteger))
gives(pack(2, 2), string.find("a.c", ".", 2, true))
gives(pack(2, 2), string.find("a.c.", ".", nil, true))
gives(pack(1, 1), string.find("a.c", ".", 1, false))
gives(pack(2, 4), string.find("a\0\0b\0", "\0\0b"))
gives(pack(5, 5), string.find("a\0\0b\0", "\0", 4))
gives(pack(nil), string.find("aaa", "aaaa"))
gives(pack(5, 6), string.find("a+b = a+b", "= ", 1, true))
gives(pack(7, 9), string.find("a+b = a+b", "a+b", 2, true))
gives(pack(1, 1), string.find(123, 1))
gives(pack(2000, 2001), string.find(string.rep("x", 1999) .. "yz", "yz"))

-- find: patterns and captures
gives(pack(1, 4, "key", "="), string.find("key=value", "(%w+)(=)"))
gives(pack(3, 3, 3), string.find("abc", "()c"))
gives(pack(4, 3, 4), string.find("abc", "()$"))
gives(pack(1, 0, ""), string.find("abc", "(x*)"))
gives(pack(nil), string.find("abc", "^b"))
gives(pack(2, 2), string.find("abc", "^b", 2))
gives(pack(nil), string.find("abc", "^c", 2))
gives(pack(1, 3), string.find("a^c", "a^c"))
gives(pack(1, 3), string.find("a$c", "a$c"))
gives(pack(3, 3), string.find("ab$", "%$"))
gives(pack(3, 3), string.find("ab$", "$$"))
gives(pack(1, 0), string.find("abc", "^"))
gives(pack(4, 3), string.find("abc", "$"))
gives(pack(1, 1), string.find("*a", "*"))
gives(pack(1, 2), string.find("**a", "**"))
gives(pack(1, 1), string.find("-a", "-"))
gives(pack(1, 1), string.find("]", "]"))
gives(pack(2, 2), string.find("a]", "[]]"))
gives(pack(1, 1), string.find("a]", "[^]]"))

-- classes
local function collect(class)
  local found = {}
  for c = 0, 255 do
    if string.find(string.char(c), class) then found[#found + 1] = string.char(c) end
  end
  return table.concat(found)
end
local lower, upper, digits = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
local punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
assert(collect("%a") == upper .. lower and collect("%l") == lower and collect("%u") == upper)
assert(collect("%d") == digits and collect("%w") == digits .. upper .. lower)
assert(collect("%x") == digits .. "ABCDEFabcdef" and collect("%s") == "\t\n\v\f\r " and collect("%p") == punctuation)
assert(#collect("%g") == 94 and #collect("%c") == 33)
for letter in ("acdglpsuwxz"):gmatch(".") do
  local class, complement = "%" .. letter, "%" .. letter:upper()
  assert(#collect(class) + #collect(complement) == 256)
  assert(collect("[" .. class .. "]") == collect(class))
  assert(collect("[^" .. class .. "]") == collect(complement))
  assert(collect("[^" .. complement .. "]") == collect(class))
  assert(#collect("[" .. class .. complement .. "]") == 256)
end
assert(#collect(".") == 256 and collect("[a-z]") == lower and collect("[^\0-\xff]") == "")
assert(collect("[a-zA-Z]") == collect("%a") and collect("[%d_]") == digits .. "_" and collect("[^%W]") == collect("%w"))
assert(collect("[a-]") == "-a" and collect("[-a]") == "-a" and collect("[a%-z]") == "-az" and collect("[z-a]") == "")
assert(collect("[]-a]") == "]^_`a" and collect("[^]-a]") == collect("[^%]%^_`a]"))
assert(collect("[%a-z]") == "-" .. upper .. lower)
assert(collect("[%]]") == "]" and collect("[%%]") == "%" and collect("[\0-\2]") == "\0\1\2" and collect("[%z]") == "\0")
assert(collect("[%w%-.]") == "-." .. digits .. upper .. lower and collect("[+--]") == "+,-")
assert(collect("%.") == "." and collect("%%") == "%" and collect("%\0") == "\0" and collect("%y") == "y")

-- repetition
gives(pack("aaab"), string.match("aaab", ".*b"))
gives(pack("aaa"), string.match("aaa", ".*a"))
gives(pack("b"), string.match("b", ".*b"))
gives(pack("aaab"), string.match("aaab", ".+b"))
gives(pack("aaa"), string.match("aaa", ".+a"))
gives(pack(nil), string.match("b", ".+b"))
gives(pack("ab"), string.match("aaab", ".?b"))
gives(pack("aa"), string.match("aaa", ".?a"))
gives(pack("b"), string.match("b", ".?b"))
gives(pack("aab"), string.match("aab", "a-b"))
gives(pack("a"), string.match("aaa", "^.-a"))
gives(pack("aaa"), string.match("aaa", "^.-$"))
gives(pack(""), string.match("aaa", "a-"))
gives(pack("b", "aa"), string.match("baab", "(b)(a*)"))
gives(pack("", "baab"), string.match("baab", "(a*)(.*)"))
gives(pack("0123", ".", "456"), string.match("0123.456", "(%d*)(%.?)(%d*)"))
gives(pack("alo xo"), string.match(" \n isto \xe9 assim alo xo", "%S+ xo"))
gives(pack("isto"), string.match(" \n isto \xe9 assim", "%S%S*"))
gives(pack("assim"), string.match(" \n isto \xe9 assim", "%S*$"))
gives(pack("assim"), string.match(" \n isto \xe9 assim", "[a-z]*$"))
gives(pack("? extra"), string.match("um caracter ? extra", "[^%sa-z].-extra"))
gives(pack("xxx", "y"), string.match("xxxy", "^(x*)(y)$"))
gives(pack("xx", "xy"), string.match("xxxy", "^(x-)(xy)$"))
gives(pack("trim me"), string.match("   trim me \t\n", "^%s*(.-)%s*$"))
gives(pack(""), string.match("    ", "^%s*(.-)%s*$"))
gives(pack("2024", "06", "07"), string.match("on 2024-06-07.", "(%d+)-(%d+)-(%d+)"))
gives(pack("/usr/lib", "x.so"), string.match("/usr/lib/x.so", "^(.*)/([^/]*)$"))
gives(pack("name", "value with = sign"), string.match("name = value with = sign", "^(%w+)%s*=%s*(.+)$"))
gives(pack(string.rep("a", 100000)), string.match(string.rep("a", 100000) .. "b", "a*"))
gives(pack(string.rep("a", 100000) .. "b"), string.match(string.rep("a", 100000) .. "bb", ".-b"))
gives(pack(nil), string.match(string.rep("a", 1000), ".-b"))
gives(pack(nil), string.match(string.rep("ab", 1000), "a+b+c"))
gives(pack("text", "ab"), string.match("some text ab", "(text) (a[b-c])"))
gives(pack("abc+"), string.match("xabc+", "abc%+"))
gives(pack("abccc"), string.match("xabccc", "abc+"))
gives(pack("ab"), string.match("xab", "abc*"))
gives(pack("ab"), string.match("xab", "abc?"))
gives(pack("ab"), string.match("xab", "abc-"))

-- match: the start
gives(pack("c"), string.match("abc", ".", 3))
gives(pack("c"), string.match("abc", ".", -1))
gives(pack(""), string.match("abc", ".*", 4))
gives(pack(nil), string.match("abc", ".*", 5))
gives(pack("bc"), string.match("abc", "^.+", 2))
gives(pack(1, 4), string.match("abc", "()abc()"))
gives(pack(2, "", 2), string.match("abc", "()(x?)()", 2))

-- nested captures, back references
gives(pack("alo alo", "a", "a"), string.match("alo alo.", "((a)lo (a)lo)"))
gives(pack("abcd", "bc", "c"), string.match("abcd", "(a(b(c))d)"))
gives(pack("=====", "*]=]]==]"), string.match("[=====[*]=]]==]]=====]", "%[(=*)%[(.-)%]%1%]"))
gives(pack("'", "x\"y"), string.match("a 'x\"y' b", "([\"'])(.-)%1"))
gives(pack("abab", "ab"), string.match("xababx", "((ab)%2)"))
gives(pack(nil), string.match("abac", "(ab)%1"))
gives(pack(nil), string.match("x", "()%1(x)"))
gives(pack(nil), string.match("aaa", "()%1"))

-- %b
gives(pack("(a (b) c)"), string.match("x (a (b) c) y)", "%b()"))
gives(pack(1, 3), string.find("alo)", "%bao"))
gives(pack(nil), string.find("(abc", "%b()"))
gives(pack("''"), string.match("a''b", "%b''"))
gives(pack("\0a\1"), string.match("x\0a\1", "%b\0\1"))
gives(pack("(" .. string.rep("()", 1000) .. ")"), string.match("(" .. string.rep("()", 1000) .. ")", "%b()"))
gives(pack("[[x]y]"), string.match("[[[x]y]", "%b[]", 2))

-- %f
gives(pack("THE"), string.match("THE (quick) fox", "%f[%a]%a+"))
gives(pack("fox"), string.match("THE (quick) fox", "%f[%l]%l+%f[\0]"))
gives(pack("THE ([quick]) [fox]", 2), string.gsub("THE (quick) fox", "%f[%S]%S+", function(w)
  return (w:gsub("^(%(?)(.-)(%)?)$", "%1[%2]%3"))
end))
gives(pack("xaxaaxa", 0), string.gsub("xaxaaxa", "%f[y]", "."))
gives(pack(".aa .bb", 2), string.gsub("aa bb", "%f[%w]", "."))
gives(pack("aa. bb.", 2), string.gsub("aa bb", "%f[%W]", "."))
gives(pack(1, 0), string.find("a", "%f[a]"))
gives(pack(2, 1), string.find("a", "%f[^a]"))
gives(pack(2, 1), string.find("a", "%f[\0]"))
gives(pack(1, 0), string.find("a", "%f[^\0]"))
gives(pack(nil), string.find("", "%f[%z]", 2))

-- gmatch
local function all(...)
  local result = {}
  for a, b in string.gmatch(...) do result[#result + 1] = b and (tostring(a) .. ":" .. tostring(b)) or tostring(a) end
  return table.concat(result, "|")
end
assert(all("first second word", "%a+") == "first|second|word")
assert(all("abcde", "()") == "1|2|3|4|5|6" and all("", "()") == "1" and all("", "x") == "")
assert(all("a=1, b=2", "(%w+)=(%w+)") == "a:1|b:2")
assert(all("13 14 10 = 11, 15= 16, 22=23", "(%d+)%s*=%s*(%d+)") == "10:11|15:16|22:23")
assert(all("xuxx uu ppar r", "()(.)%2") == "3:x|6:u|9:p")
assert(all("abc", "") == "|||" and all("aab", "a*") == "aa|" and all("baa", "a*") == "|aa")
assert(all("a,b,,c", "([^,]*)") == "a|b||c" and all("one;two", "[^;]*") == "one|two")
assert(all("^a^a", "^a") == "^a|^a")
assert(all("abc", "%w", 2) == "b|c" and all("abc", "%w", -1) == "c")
assert(all("abc", "%w", 4) == "" and all("abc", "%w", 10) == "")
assert(all("abc", "()", 3) == "3|4" and all("abc", "()", 10) == "" and all("abc", ".", math.mininteger) == "a|b|c")
assert(all("x\0y\0", "[^\0]") == "x|y" and all("THE (quick) fox", "%f[%a]%a+") == "THE|quick|fox")
do
  local iterate = string.gmatch("ab", ".")
  assert(iterate() == "a" and iterate("ignored", 1) == "b" and iterate() == nil and iterate() == nil)
  local long = string.rep("word ", 300)
  local count = 0
  for word in long:gmatch("%a+") do
    assert(word == "word")
    count = count + 1
  end
  assert(count == 300)
  local outer = {}
  for a in ("12"):gmatch(".") do
    for b in ("xy"):gmatch(".") do outer[#outer + 1] = a .. b end
  end
  assert(table.concat(outer, " ") == "1x 1y 2x 2y")
  collectgarbage()
  local kept = string.gmatch("k" .. "ept " .. "words", "[" .. "a-z" .. "]+")
  collectgarbage()
  assert(kept() == "kept")
  collectgarbage()
  assert(kept() == "words")
end
fails("unfinished capture", string.gmatch("x", "("))
fails("string expected, got no value", string.gmatch, "x")

-- gsub: replacement texts
gives(pack("hello hello world world", 2), string.gsub("hello world", "(%w+)", "%1 %1"))
gives(pack("hello hello world", 1), string.gsub("hello world", "%w+", "%0 %0", 1))
gives(pack("world hello Lua from", 2), string.gsub("hello world from Lua", "(%w+)%s*(%w+)", "%2 %1"))
gives(pack("hello", 0), string.gsub("hello", "x", "y"))
gives(pack("hello", 0), string.gsub("hello", "l", "y", 0))
gives(pack("hello", 0), string.gsub("hello", "l", "y", -3))
gives(pack("heyyo", 2), string.gsub("hello", "l", "y", math.maxinteger))
gives(pack("xax", 0), string.gsub("xax", "^a", "y"))
gives(pack("yax", 1), string.gsub("xax", "^x", "y"))
gives(pack("xay", 1), string.gsub("xax", "x$", "y"))
gives(pack(".a.b.", 3), string.gsub("ab", "", "."))
gives(pack("abc", 0), string.gsub("abc", "^b*c", "x"))
gives(pack("xabc", 1), string.gsub("abc", "^", "x"))
gives(pack("-a-b-", 3), string.gsub("ab", "x*", "-"))
gives(pack("-b-", 2), string.gsub("ab", "a*", "-"))
gives(pack("%a%", 2), string.gsub("xax", "x", "%%"))
gives(pack("1a3", 2), string.gsub("xax", "()x", "%1"))
gives(pack("<x>a<x>", 2), string.gsub("xax", "x", "<%1>"))
gives(pack("a\0\0b", 1), string.gsub("axb", "x", "\0\0"))
gives(pack("a.b.", 2), string.gsub("a\0b\0", "\0", "."))
gives(pack("12012", 1), string.gsub("1x2", "x", 201))
gives(pack("11.52", 1), string.gsub("1x2", "x", 1.5))
gives(pack("trimmed", 1), string.gsub("  trimmed ", "^%s*(.-)%s*$", "%1"))
gives(pack("&lt;a&gt; &amp;", 3), string.gsub("<a> &", "[<>&]", { ["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;" }))
gives(pack(string.rep("ba", 5000), 5000), string.gsub(string.rep("a", 5000), "a", "ba"))
do
  local text = string.rep("x", 100)
  local same, count = string.gsub(text, "y", "z")
  assert(same == text and count == 0)
end
fails("invalid capture index %2", string.gsub, "alo", ".", "%2")
fails("invalid capture index %1", string.gsub, "alo", "(%1)", "a")
fails("invalid capture index %3", string.gsub, "alo", "(a)(.)", "%3")
fails("invalid use of '%' in replacement string", string.gsub, "alo", ".", "%x")
fails("invalid use of '%' in replacement string", string.gsub, "alo", ".", "a%")
fails("unfinished capture", string.gsub, "alo", "(a", "%1")
gives(pack("xlo", 1), string.gsub("alo", "(a", "x"))
gives(pack("alo", 0), string.gsub("alo", "q", "%x"))
fails("bad argument #3 to", string.gsub, "alo", ".", true)
fails("string/function/table expected, got boolean", string.gsub, "alo", ".", true)
fails("string/function/table expected, got no value", string.gsub, "alo", ".")
fails("number expected, got string", string.gsub, "alo", ".", "x", "y")
fails("string expected, got no value", string.gsub, "alo")

-- gsub: functions and tables
gives(pack("0x41 0x42", 2), string.gsub("A B", "%u", function(c) return string.format("0x%x", c:byte()) end))
gives(pack("abc abc", 2), string.gsub("abc abc", "%w+", function() end))
gives(pack("abc abc", 2), string.gsub("abc abc", "%w+", function() return false end))
gives(pack("1 2.5", 2), string.gsub("a b", "%w", function(c) return c == "a" and 1 or 2.5 end))
gives(pack("ba dc", 2), string.gsub("ab cd", "(%w)(%w)", function(a, b) return b .. a end))
gives(pack("xAy", 1), string.gsub("xay", "a", string.upper))
gives(pack("1,2,3,", 3), string.gsub("abc", "().", function(position) return position .. "," end))
gives(pack("-a-", 1), string.gsub("-$x-", "%$(%w+)", { x = "a" }))
gives(pack("-$y-", 1), string.gsub("-$y-", "%$(%w+)", { x = "a" }))
gives(pack("one two ", 2), string.gsub("a b ", "()%w", { "one", [3] = "two" }))
gives(pack("[a][b]", 2), string.gsub("ab", ".", setmetatable({}, {
  __index = function(_, key) return "[" .. key .. "]" end,
})))
gives(pack("a", 1), string.gsub("a", ".", { a = false }))
gives(pack("keep KEEP keep", 3), string.gsub("keep keep keep", "()%w+",
  function(position) return position == 6 and "KEEP" end))
do
  -- a replacement function may use patterns itself, collect garbage and make garbage
  local nested = string.gsub("a.b a.c", "%S+", function(part)
    collectgarbage()
    local junk = {}
    for i = 1, 10 do junk[i] = part .. i end
    return (part:gsub("%.(.)", function(c) return "<" .. c .. #junk .. ">" end))
  end)
  assert(nested == "a<b10> a<c10>")
  local captures = {}
  string.gsub(string.rep("x", 32), string.rep("(.)", 32), function(...) captures = table.pack(...) end)
  assert(captures.n == 32 and captures[32] == "x")
  local reversed = string.gsub("one two", "(%w)(%w*)", function(head, tail) return tail .. head end)
  assert(reversed == "neo wot")
end
fails("invalid replacement value (a table)", string.gsub, "alo", ".", function() return {} end)
fails("invalid replacement value (a boolean)", string.gsub, "alo", ".", { a = true })
fails("inner trouble", string.gsub, "alo", ".", function() error("inner trouble") end)

-- malformed patterns
fails("malformed pattern (ends with '%')", string.find, "a", "%")
fails("malformed pattern (ends with '%')", string.find, "ab", "a%")
fails("malformed pattern (missing ']')", string.find, "a", "[a")
fails("malformed pattern (missing ']')", string.find, "a", "[]")
fails("malformed pattern (missing ']')", string.find, "a", "[^]")
fails("malformed pattern (missing ']')", string.find, "a", "[a%]")
fails("malformed pattern (missing ']')", string.find, "a", "[a%")
fails("malformed pattern (missing ']')", string.find, "a", "[^a%")
fails("malformed pattern (missing arguments to '%b')", string.find, "a", "%b")
fails("malformed pattern (missing arguments to '%b')", string.find, "a", "%ba")
fails("missing '[' after '%f' in pattern", string.find, "a", "%f")
fails("missing '[' after '%f' in pattern", string.find, "a", "%fa")
fails("malformed pattern (missing ']')", string.find, "a", "%f[a")
fails("invalid pattern capture", string.match, "a", ")")
gives(pack(2, 2), string.find("a)", ")"))
fails("invalid pattern capture", string.find, "a", "(a))")
fails("unfinished capture", string.find, "a", "(a")
fails("unfinished capture", string.match, "a", "((a)")
fails("invalid capture index %1", string.find, "a", "a%1")
fails("invalid capture index %0", string.find, "a", "%0")
fails("invalid capture index %2", string.find, "aa", "(a)%2")
fails("invalid capture index %1", string.find, "aa", "(a%1)")
fails("too many captures", string.find, "a", string.rep("()", 33))
do
  local results = pack(string.find("a", string.rep("()", 32)))
  assert(results.n == 34 and results[1] == 1 and results[2] == 0 and results[3] == 1 and results[34] == 1)
end
fails("pattern too complex", string.match, string.rep("a", 300), string.rep("a?", 300) .. "b")
fails("pattern too complex", string.match, string.rep("x", 200000), string.rep(".?", 200000))
assert(#string.match(string.rep("a", 80), string.rep(".?", 80)) == 80)
-- what is not reached is not looked at
gives(pack(nil), string.find("a", "b%"))
gives(pack(nil), string.find("a", "b["))
gives(pack(nil), string.match("a", "bc)"))
gives(pack(nil), string.match("a", "(b"))

-- long patterns and subjects
do
  local alphabet = string.rep("abcdefghij", 100)
  gives(pack(1, 1000), string.find(alphabet, alphabet))
  gives(pack(1, 1001), string.find(alphabet .. "!", alphabet .. "%p"))
  local classes = string.rep("[a-j]", 100)
  gives(pack(1, 100), string.find(alphabet, classes))
  gives(pack(string.rep("[0-9]x", 3)), string.match("__" .. string.rep("[0-9]x", 3), "%[.*x$"))
  assert(#string.match(alphabet, string.rep("%w", 500)) == 500)
  assert(select(2, string.gsub(string.rep("line\n", 1000), "[^\n]*\n", "")) == 1000)
end

-- Items that match nothing do not count for the depth of a match.
for _, item in ipairs { "x*", "x-", "x?", "[xy]*", ".*" } do
  local subject = item == ".*" and "" or "a"
  assert(string.find(subject, "^" .. string.rep(item, 1000)) == 1, item)
  assert(string.match(subject, string.rep(item, 500) .. "()$") == #subject + 1, item)
end
assert(not pcall(string.find, string.rep("x", 300), string.rep("x-", 300) .. "y"))

print("patterns ok")
