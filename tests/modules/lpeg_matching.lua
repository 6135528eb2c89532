-- LPeg, a C module of Debian's: matching, captures of every kind, grammars, errors, many matches so that all gets compiled.
local lpeg = require "lpeg"
local P, R, S, V, C, Cc, Cf, Cg, Cp, Cs, Ct, Cb, Cmt, Carg, B =
  lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg, lpeg.Cp, lpeg.Cs, lpeg.Ct, lpeg.Cb, lpeg.Cmt,
  lpeg.Carg, lpeg.B

print(type(lpeg.version) == "function" and lpeg.version() or lpeg.version)
print(lpeg.type(P "a"), lpeg.type("a"), lpeg.type({}))

-- ---- arithmetic, evaluated while it is parsed ----
local space = S " \t" ^ 0
local number = C(R "09" ^ 1 * (P "." * R "09" ^ 1) ^ -1) * space / tonumber
local function operator(set) return C(S(set)) * space end
local function compute(left, sign, right)
  if sign == "+" then return left + right end
  if sign == "-" then return left - right end
  if sign == "*" then return left * right end
  return left / right
end
local expression = P {
  "sum",
  sum = Cf(V "product" * Cg(operator "+-" * V "product") ^ 0, compute),
  product = Cf(V "atom" * Cg(operator "*/" * V "atom") ^ 0, compute),
  atom = number + P "(" * space * V "sum" * P ")" * space,
}
local calculator = space * expression * -1
for _, text in ipairs { "1 + 2 * 3", "(1 + 2) * 3", "10 / 4 - 1", "2 * (3 + 4) * 5", "7", "((((8))))", "1 +", "x" } do
  print(text, calculator:match(text))
end
local sum = 0
for i = 1, 3000 do sum = sum + calculator:match(i .. " * (2 + " .. i % 7 .. ") - " .. i) end
print("sum", sum)

-- ---- comma separated values ----
local field = Cs(P '"' * ((P(1) - '"') + P '""' / '"') ^ 0 * P '"') / function(s) return s:sub(2, -2) end
  + C((1 - S ',\n"') ^ 0)
local record = Ct(field * (P "," * field) ^ 0) * "\n"
local records = Ct(record ^ 1)
for i, row in ipairs(records:match 'name,age,"a ""quoted"" word"\nAda,36,x\n"two\nlines",,\n') do
  print(i, #row, table.concat(row, "|"))
end

-- ---- captures ----
print(Cp():match "abc", (P "ab" * Cp()):match "abc")
print((C "a" * C "b" * Cc(1, nil, "x")):match "ab")
local t = Ct(Cg(C(R "az" ^ 1), "word") * " " * Cg(R "09" ^ 1, "number") * Cc "positional"):match "abc 123"
print(t.word, t.number, t[1])
print((Cg(S "'\"", "quote") * C((1 - Cmt(Cb "quote" * C(1), function(_, _, open, c) return open == c end)) ^ 0) * 1):match "'it is'")
print((R "az" ^ 1 / { one = 1, two = 2 }):match "two", (R "az" ^ 1 / { one = 1 }):match "two")
print((C(1) * C(1) / "%2%1-%0"):match "ab", (C(R "az" ^ 1) / string.upper):match "shout")
print((Carg(1) * Carg(2)):match("", 1, "first", { 2 } and "second"))
print((P "a" ^ 3):match "aa", (P "a" ^ 3):match "aaaa", (P "a" ^ -3):match "aaaaa")
print((B "a" * "b"):match("ab", 2), (-P "a" * 1):match "b", (#P "ab" * C(2)):match "ab")
print(Cs(((P "l" / "L") + 1) ^ 0):match "hello world")
print(P(true):match "", P(false):match "", P(3):match "ab", P(-3):match "ab")

-- A match-time function that counts, changes positions and fails.
local calls = 0
local evenLength = Cmt(C(R "az" ^ 1), function(subject, position, word)
  calls = calls + 1
  if #word % 2 == 0 then return position, word, #word end
  return false
end)
for _, word in ipairs { "ab", "abc", "abcd" } do print(word, evenLength:match(word)) end
print("calls", calls)

-- ---- grammars ----
local balanced = P { "(" * ((1 - S "()") + V(1)) ^ 0 * ")" }
print(balanced:match "(a(b)c)", balanced:match "(a(b)c", balanced:match "()" , balanced:match(("("):rep(150) .. (")"):rep(150)))
local list = P { "list", list = Ct("(" * V "item" ^ 0 * ")") * space, item = (V "list" + C(R("az", "09") ^ 1)) * space }
local function show(value)
  if type(value) ~= "table" then return value end
  local parts = {}
  for i, element in ipairs(value) do parts[i] = show(element) end
  return "[" .. table.concat(parts, " ") .. "]"
end
print(show(list:match "(a (b c) () ((d)) 42)"))
local anywhere = P { P "needle" * Cp() + 1 * V(1) }
print(anywhere:match(("hay "):rep(100) .. "needle" .. " hay"))

-- ---- errors ----
local function message(f, ...)
  local ok, e = pcall(f, ...)
  print(ok, (tostring(e):gsub("^[^:]+:%d+: ", "")))
end
message(P, print == nil and 1 or io.stdout)
message(function() return P "" ^ 0 end)
message(function() return P { "missing", other = P "a" } end)
message(function() return P { V "undefined" } end)
message(function() return P { "left", left = V "left" * "a" + "b" } end)
message(function() return V "free":match "a" end)
message(function() return (P "a" / function() error("in a capture", 0) end):match "a" end)
message(function() return Cmt(1, function() error({}, 0) end):match "a" and 1 end and function() error("thrown away", 0) end)
message(lpeg.setmaxstack, 10)
message(function() return balanced:match(("("):rep(50) .. (")"):rep(50)) end)
lpeg.setmaxstack(400)

-- Errors and yields out of captures, again and again.
local caught = 0
local failing = P "a" / function() error("x") end
for i = 1, 500 do if not pcall(failing.match, failing, "a") then caught = caught + 1 end end
print("caught", caught)
print(coroutine.resume(coroutine.create(function() return (P "a" / coroutine.yield):match "a" end)))

-- ---- the module re, written with LPeg ----
local re = require "re"
print(re.match("the number 423 is odd", "s <- {~ ({[0-9]+} -> 'N' / .)* ~}"))
print(re.find("some text 2024-05-06", "{[0-9]+} '-' {[0-9]+}"))
print(re.gsub("hello world", "[aeiou]", "*"))
local json = re.compile([[
  value   <- space ({| {:kind: '' -> 'object':} object |} / string / number / literal) space
  object  <- '{' (member (',' member)*)? space '}'
  member  <- space {| string space ':' value |}
  string  <- '"' {[^"]*} '"'
  number  <- { '-'? [0-9]+ ('.' [0-9]+)? } -> tonumber
  literal <- { 'true' / 'false' / 'null' }
  space   <- %s*
]], { tonumber = tonumber })
local object = json:match '{"a": 1.5, "b": {"c": true}}'
print(object.kind, #object, object[1][1], object[1][2], object[2][2].kind, object[2][2][1][2])

-- Patterns are garbage collected.
for i = 1, 5000 do
  local p = P("text" .. i) * C(R "09" ^ 0) * Cc { i }
  if i % 1000 == 0 then print(i, (p:match("text" .. i .. "77"))) end
end
collectgarbage()
