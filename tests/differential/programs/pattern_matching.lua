-- find, match, gmatch and gsub with every pattern item.
local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = type(parts[i]) == "string" and ("%q"):format(parts[i]) or tostring(parts[i]) end
  print(table.concat(parts, " "))
end
local subject = "The quick (brown) fox, no. 42, jumps over $3.50 of [lazy] dogs = key=value; x_1 %d"
for _, pattern in ipairs {
  "quick", "q.*k", "q.-k", "%a+", "%d+", "(%d+)%.(%d+)", "%((.-)%)", "%b()", "%b[]", "(%w+)=(%w+)", "^The", "^quick", "%d$", "%%d$", "()fox()", "[aeiou]+", "[^%s]+$",
  "[%a_][%w_]*", "%f[%w]%w+", "%f[%d]%d+%f[%D]", "(.)%1", "x?y?z?", "o+", "%u%l*", "[%]%[]", "[a-f]+", "[^a-z ]+", "%p", "%s%s", "%x+", "(a)(b)?", "%$%d*%.?%d*", "",
} do
  show(pattern, subject:find(pattern))
  show(" ", subject:match(pattern))
end
show(subject:find("(", 1, true), subject:find("o", 20, true), subject:find("%d", 1, true), subject:find("", 10), subject:find("", 1000), subject:find("x", -5))
for word, number in ("one=1, two=22, three=333"):gmatch "(%a+)=(%d+)" do show(word, number) end
for position in ("a,b,,c"):gmatch "()," do io.write(position, " ") end
for field in ("a,b,,c"):gmatch "([^,]*)" do io.write("<", field, ">") end
print()
for c in ("héllo"):gmatch(utf8.charpattern) do io.write(#c, " ") end
print()
show(("hello world"):gsub("o", "0"))
show(("hello world"):gsub("(%w+)", "<%1>"))
show(("hello world"):gsub("%w+", "%0 %0", 1))
show(("hello"):gsub("", "-"))
show(("abc"):gsub("%w", { a = "1", b = 2, c = false }))
show(("abc"):gsub("%w", function(c) if c ~= "b" then return c:upper() end end))
show(("$name is $age"):gsub("%$(%w+)", { name = "Ada", age = 36 }))
show(("  trim me  "):gsub("^%s*(.-)%s*$", "%1"))
show(("a.b.c"):gsub("%.", "%%"))
show(("x = 1, y = 2"):gsub("(%w+) = (%w+)", "%2 = %1"))
show(("CamelCaseString"):gsub("%u", function(c) return "_" .. c:lower() end))
show(("one two three"):gsub("(%w+) (%w+)", "%2 %1"))
show(("abab"):gsub("ab", "x", 0), ("abab"):gsub("ab", "x", 1), ("abab"):gsub("ab", "x", -1))
show(("a\0b\0c"):gsub("%z", "0"), ("a\0b"):find "\0", ("a\0b"):match "[%z]b")
show(("key = value"):match "^(%w+)%s*=%s*(%w+)$")
show(("2024-05-17"):match "(%d+)-(%d+)-(%d+)")
show(("  indented"):match "^%s*()")
show(("[[nested [brackets]]]"):match "%b[]", ("THE (quick) fox"):find "%((%a+)%)", ("f(a(b)c)d"):match "%b()")
show(("aaa"):find("a-", 2), ("aaa"):match "^(a-)$", ("aXb"):gsub("%u", "%%%0"))
show(("x"):rep(3, ","), ("x"):rep(0), ("ab"):rep(2), ("abc"):reverse(), ("abc"):byte(1, -1))
for _, call in ipairs {
  { "find", "a", "[a" }, { "find", "a", "%" }, { "find", "a", "(a" }, { "find", "a", "a)" }, { "gsub", "a", "a", "%2" }, { "match", "a", "%b" }, { "match", "a", "%f" },
  { "gsub", "a", "(a", "x" }, { "gsub", "a", "a", "%" }, { "gsub", "a", "a", 5 }, { "gsub", "a", "a", print, "x" }, { "gsub", "a", "a" }, { "find", nil, "x" },
  { "match", "a", "%1" }, { "gsub", "abc", "b", function() return {} end }, { "rep", "x", -1 }, { "find", "abc", "b", 10 },
} do
  show(call[1], call[3], pcall(string[call[1]], table.unpack(call, 2, 4)))
end
