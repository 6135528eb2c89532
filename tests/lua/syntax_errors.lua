-- What load() says about chunks that are no Lua, word for word, and that it accepts what only looks wrong.

local function fails(source, message)
  local loaded, actual = load(source, "=chunk", "t")
  if loaded ~= nil or actual ~= message then
    error(("%s\n  gave   %s\n  wanted %s"):format(source, loaded and "a function" or actual, message), 2)
  end
end

local function loads(source)
  local loaded, message = load(source, "=chunk", "t")
  if not loaded then error(("%s\n  gave %s"):format(source, message), 2) end
  return loaded
end

-- Symbols in the wrong place.
fails("x = = 1", "chunk:1: unexpected symbol near '='")
fails("x =", "chunk:1: unexpected symbol near <eof>")
fails("x = )", "chunk:1: unexpected symbol near ')'")
fails("x = 1 +\n* 2", "chunk:2: unexpected symbol near '*'")
fails("x = a or or b", "chunk:1: unexpected symbol near 'or'")
fails("x = @", "chunk:1: unexpected symbol near '@'")
fails("x = a != b", "chunk:1: unexpected symbol near '!'")
fails("x = 1 \1", "chunk:1: unexpected symbol near '<\\1>'")
fails("\xC3\xA9 = 1", "chunk:1: unexpected symbol near '<\\195>'")
fails("goto = 1", "chunk:1: <name> expected near '='")
fails("1 = x", "chunk:1: unexpected symbol near '1'")
fails("'x' = 1", "chunk:1: unexpected symbol near ''x''")
fails("\"a\\tb\" = 1", "chunk:1: unexpected symbol near '\"a\tb\"'")
fails("[[text]] = 1", "chunk:1: unexpected symbol near '[[text]]'")
fails("[==[a\nb]==] = 1", "chunk:2: unexpected symbol near '[==[a\nb]==]'")
fails("'a\\0b' = 1", "chunk:1: unexpected symbol near ''a'")
fails("x = 1 3.5e2", "chunk:1: unexpected symbol near '3.5e2'")
fails("nil = 1", "chunk:1: unexpected symbol near 'nil'")
fails("... = 1", "chunk:1: unexpected symbol near '...'")

-- Statements that are none.
fails("x", "chunk:1: syntax error near <eof>")
fails("x.y z", "chunk:1: syntax error near 'z'")
fails("a += 1", "chunk:1: syntax error near '+'")
fails("(x) = 1", "chunk:1: syntax error near '='")
fails("f() = 1", "chunk:1: syntax error near '='")
fails("x, f() = 1", "chunk:1: syntax error near '='")
fails("f(), x = 1", "chunk:1: syntax error near ','")
fails("x, y", "chunk:1: '=' expected near <eof>")
fails("end", "chunk:1: <eof> expected near 'end'")
fails("return 1 2", "chunk:1: <eof> expected near '2'")
fails("return; x = 1", "chunk:1: <eof> expected near 'x'")
fails("x = 1 end", "chunk:1: <eof> expected near 'end'")
loads("return;")
loads(";;;")

-- What must be closed.
fails("if x then", "chunk:1: 'end' expected near <eof>")
fails("if x then\n\nx = 1", "chunk:3: 'end' expected (to close 'if' at line 1) near <eof>")
fails("\nwhile x do\n", "chunk:3: 'end' expected (to close 'while' at line 2) near <eof>")
fails("for i = 1, 2 do\nuntil", "chunk:2: 'end' expected (to close 'for' at line 1) near 'until'")
fails("do\nelse", "chunk:2: 'end' expected (to close 'do' at line 1) near 'else'")
fails("function f()\nreturn 1 2 end", "chunk:2: 'end' expected (to close 'function' at line 1) near '2'")
fails("repeat\nx = 1", "chunk:2: 'until' expected (to close 'repeat' at line 1) near <eof>")
fails("x = (1", "chunk:1: ')' expected near <eof>")
fails("x = (\n1", "chunk:2: ')' expected (to close '(' at line 1) near <eof>")
fails("f(1,\n2", "chunk:2: ')' expected (to close '(' at line 1) near <eof>")
fails("x = {1,\n2 3}", "chunk:2: '}' expected (to close '{' at line 1) near '3'")
fails("x = {a b}", "chunk:1: '}' expected near 'b'")
fails("x = y[1", "chunk:1: ']' expected near <eof>")
fails("if x then else else end", "chunk:1: 'end' expected near 'else'")

-- What must follow.
fails("if x", "chunk:1: 'then' expected near <eof>")
fails("if x then elseif y end", "chunk:1: 'then' expected near 'end'")
fails("while x", "chunk:1: 'do' expected near <eof>")
fails("for i = 1 do end", "chunk:1: ',' expected near 'do'")
fails("for i = 1, 2, 3, 4 do end", "chunk:1: 'do' expected near ','")
fails("for i do end", "chunk:1: '=' or 'in' expected near 'do'")
fails("for a.b in x do end", "chunk:1: '=' or 'in' expected near '.'")
fails("for 1 = 2, 3 do end", "chunk:1: <name> expected near '1'")
fails("local 1", "chunk:1: <name> expected near '1'")
fails("local function", "chunk:1: <name> expected near <eof>")
fails("local function f.x() end", "chunk:1: '(' expected near '.'")
fails("function () end", "chunk:1: <name> expected near '('")
fails("function f:x.y() end", "chunk:1: '(' expected near '.'")
fails("x = function(a,) end", "chunk:1: <name> or '...' expected near ')'")
fails("x = function(..., a) end", "chunk:1: ')' expected near ','")
fails("x = function(a b) end", "chunk:1: ')' expected near 'b'")
fails("x = {[1]}", "chunk:1: '=' expected near '}'")
fails("x = a.", "chunk:1: <name> expected near <eof>")
fails("a:b", "chunk:1: function arguments expected near <eof>")
fails("x = a:b.c", "chunk:1: function arguments expected near '.'")
fails("goto 1", "chunk:1: <name> expected near '1'")
fails("::a", "chunk:1: '::' expected near <eof>")
fails("x = 'a' 'b'", "chunk:1: unexpected symbol near ''b''")
fails("function f() return ... end", "chunk:1: cannot use '...' outside a vararg function near '...'")
loads("return ...")

-- Strings.
fails("x = 'abc", "chunk:1: unfinished string near <eof>")
fails("x = 'abc\n'", "chunk:1: unfinished string near ''abc'")
fails("x = \"abc\\\n\ndef\"", "chunk:2: unfinished string near '\"abc\n'")
fails("x = '\\q'", "chunk:1: invalid escape sequence near ''\\q'")
fails("x = 'a\\xag'", "chunk:1: hexadecimal digit expected near ''a\\xag'")
fails("x = '\\x'", "chunk:1: hexadecimal digit expected near ''\\x''")
fails("x = '\\256'", "chunk:1: decimal escape too large near ''\\256''")
fails("x = '\\u{80000000}'", "chunk:1: UTF-8 value too large near ''\\u{80000000'")
fails("x = '\\u41'", "chunk:1: missing '{' near ''\\u4'")
fails("x = '\\u{}'", "chunk:1: hexadecimal digit expected near ''\\u{}'")
fails("x = '\\u{41'", "chunk:1: missing '}' near ''\\u{41''")
fails("x = [[abc", "chunk:1: unfinished long string (starting at line 1) near <eof>")
fails("\nx = [==[\nabc\n]=]", "chunk:4: unfinished long string (starting at line 2) near <eof>")
fails("--[[\n", "chunk:2: unfinished long comment (starting at line 1) near <eof>")
fails("x = [==abc", "chunk:1: invalid long string delimiter near '[=='")
loads("--[=abc")
loads("--[")

-- Numerals.
fails("x = 3x", "chunk:1: malformed number near '3x'")
fails("x = 0x", "chunk:1: malformed number near '0x'")
fails("x = 0xg", "chunk:1: malformed number near '0xg'")
fails("x = 1e", "chunk:1: malformed number near '1e'")
fails("x = 1e+", "chunk:1: malformed number near '1e+'")
fails("x = 1..2", "chunk:1: malformed number near '1..2'")
fails("x = .5.5", "chunk:1: malformed number near '.5.5'")
fails("x = 0x1p", "chunk:1: malformed number near '0x1p'")
fails("x = 12_000", "chunk:1: malformed number near '12_'")
loads("x = 1 ..2")

-- Attributes and constants.
fails("local x <foo> = 1", "chunk:1: unknown attribute 'foo'")
fails("local x <const", "chunk:1: '>' expected near <eof>")
fails("local x <close>, y <close> = 1, 2", "chunk:1: multiple to-be-closed variables in local list")
fails("local x <const> = 1\nx = 2", "chunk:2: attempt to assign to const variable 'x'")
fails("local x <const> = f(); x = 2", "chunk:1: attempt to assign to const variable 'x'")
fails("local x <close> = f(); x = 2", "chunk:1: attempt to assign to const variable 'x'")
fails("local x <const>; y, x = 1, 2", "chunk:1: attempt to assign to const variable 'x'")
fails("local x <const> = f(); function x() end", "chunk:1: attempt to assign to const variable 'x'")
fails("local x <const> = f(); return function() x = 1 end", "chunk:1: attempt to assign to const variable 'x'")
fails("local x <const> = 1; return function() return function() x = 1 end end",
      "chunk:1: attempt to assign to const variable 'x'")
fails("local x <const> = 1; (x) = 1", "chunk:1: syntax error near '='")
loads("local x <const> = {}; x.y = 1; function x.f() end")

-- Labels.
fails("goto x", "chunk:1: no visible label 'x' for <goto> at line 1")
fails("\ngoto x\ndo ::x:: end\n", "chunk:4: no visible label 'x' for <goto> at line 2")
fails("::x:: function f() goto x end", "chunk:1: no visible label 'x' for <goto> at line 1")
fails("::x:: f()\n::x::", "chunk:2: label 'x' already defined on line 1")
fails("::x:: do\n::x:: end", "chunk:2: label 'x' already defined on line 1")
fails("goto x; local a; ::x:: f()", "chunk:1: <goto x> at line 1 jumps into the scope of local 'a'")
fails("do goto x end\nlocal a, b\n::x:: f()", "chunk:3: <goto x> at line 1 jumps into the scope of local 'a'")
fails("repeat goto x; local a; ::x:: until a", "chunk:1: <goto x> at line 1 jumps into the scope of local 'a'")
fails("break", "chunk:1: break outside loop at line 1")
fails("while x do function f()\nbreak end end", "chunk:2: break outside loop at line 2")
loads("do goto x; local a; ::x:: ; ::y:: end")
loads("do ::x:: end do ::x:: end")
loads("::x:: function f() ::x:: end")

-- Limits.
local function list(count, format)
  local names = {}
  for i = 1, count do names[i] = format:format(i) end
  return table.concat(names, " ")
end
loads("local x " .. list(199, ", a%d"))
fails("local x " .. list(200, ", a%d"), "chunk:1: too many local variables (limit is 200) in main function near <eof>")
fails("\nlocal function f(x " .. list(200, ", a%d") .. ") end",
      "chunk:2: too many local variables (limit is 200) in function at line 2 near ')'")
local manyLocals = "local a0 " .. list(150, ", a%d") .. "\nlocal function f()\nlocal b0 " .. list(150, ", b%d") ..
                       "\nlocal function g()\n" .. list(150, "a%d = 1") .. "\n"
loads(manyLocals .. list(105, "b%d = 1") .. " end end")
fails(manyLocals .. list(106, "b%d = 1") .. " end end",
      "chunk:6: too many upvalues (limit is 255) in function at line 4 near '='")

for _, nesting in ipairs {
  { "return ", "(", "1", ")" },
  { "return ", "{", "", "}" },
  { "return ", "- ", "1", "" },
  { "return ", "1 .. ", "1", "" },
  { "return ", "2 ^ ", "1", "" },
  { "x", ", x", " = 1", "" },
  { "", "do ", "", " end" },
  { "", "if x then else ", "", " end" },
  { "", "function f() ", "", " end" },
  { "return ", "function() return ", "1", " end" },
} do
  local start, opening, middle, closing = table.unpack(nesting)
  loads(start .. opening:rep(90) .. middle .. closing:rep(90))
  for _, depth in ipairs { 210, 100000 } do
    local loaded, message = load(start .. opening:rep(depth) .. middle .. closing:rep(depth), "=chunk")
    assert(not loaded and message:find("overflow", 1, true), message)
  end
end
-- These do not nest.
loads("return x" .. (" + 1"):rep(10000))
loads("return x" .. (".y"):rep(10000))
loads("f" .. ("()"):rep(10000))
loads("if x then" .. (" elseif x then"):rep(1000) .. " end")

-- Where a message says that the text is from.
local function nameOf(chunkName) return (select(2, load("=", chunkName)):gsub(":1: .*", "")) end
assert(nameOf("=name") == "name")
assert(nameOf("@dir/file.lua") == "dir/file.lua")
assert(nameOf("return 1") == '[string "return 1"]')
assert(nameOf("return 1\nx") == '[string "return 1..."]')
assert(nameOf("@y" .. ("x"):rep(59)) == "..." .. ("x"):rep(56))
assert(nameOf("=y" .. ("x"):rep(59)) == "y" .. ("x"):rep(58))
assert(nameOf(("x"):rep(44)) == '[string "' .. ("x"):rep(44) .. '"]')
assert(nameOf(("x"):rep(45)) == '[string "' .. ("x"):rep(45) .. '..."]')

print "ok"
