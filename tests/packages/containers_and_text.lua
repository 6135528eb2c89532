-- Penlight (Debian's lua-penlight): containers, functional helpers, text. Everything that is computed is printed, to be compared
-- with what the reference prints.
local List = require "pl.List"
local Map = require "pl.Map"
local MultiMap = require "pl.MultiMap"
local OrderedMap = require "pl.OrderedMap"
local Set = require "pl.Set"
local class = require "pl.class"
local array2d = require "pl.array2d"
local comprehension = require("pl.comprehension").new()
local data = require "pl.data"
local func = require "pl.func"
local lexer = require "pl.lexer"
local operator = require "pl.operator"
local permute = require "pl.permute"
local pretty = require "pl.pretty"
local seq = require "pl.seq"
local sip = require "pl.sip"
local stringio = require "pl.stringio"
local stringx = require "pl.stringx"
local tablex = require "pl.tablex"
local template = require "pl.template"
local text = require "pl.text"
local types = require "pl.types"
local url = require "pl.url"

local function show(name, value) print(name, type(value) == "table" and pretty.write(value, "") or tostring(value)) end

-- Lists, many times over, so that they are compiled.
for round = 1, 40 do
  local l = List {5, 3, 9, round, 1}
  l:append(round * 2):insert(1, -round):sort()
  local squares = l:map(function(x) return x * x end):filter(function(x) return x % 2 == 1 end)
  show("list", l)
  show("squares", squares)
  show("reduced", l:reduce "+")
  show("slice", l:slice(2, -2):reverse())
  show("partition", l:partition(function(x) return x > 4 end)[true])
  show("index", l:index(9))
  show("joined", l:join "-")
end
show("range", List.range(1, 20, 4))
show("split", List.split("a,b,,c", ","))
show("iterated", List(("abc"):gmatch "."))

-- Maps and sets.
local m = Map {one = 1, two = 2}
m:set("three", 3)
show("keys", m:keys():sort())
show("equal", m == Map {three = 3, two = 2, one = 1})
local om = OrderedMap()
for i = 30, 1, -3 do om:set("k" .. i, i) end
om:insert(2, "second", 0):set("k30", nil)
for k, v in om:iter() do io.write(k, "=", v, " ") end
print(om)
local mm = MultiMap()
mm:set("a", 1) mm:set("a", 2) mm:set("b", 3)
show("multi", mm)
local s, t = Set {1, 2, 3}, Set {3, 4}
show("sets", List {#(s + t), #(s * t), #(s - t), #(s ^ t), s < t, Set {1} < s, Set.isdisjoint(s, Set {7})})

-- Classes.
class.Animal()
function Animal:_init(name) self.name = name end
function Animal:__tostring() return self.name .. ": " .. self:speak() end
class.Dog(Animal)
function Dog:speak() return "bark" end
class.Cat(Animal)
function Cat:_init(name, breed) self:super(name) self.breed = breed end
function Cat:speak() return "meow" end
class.Lion(Cat)
function Lion:speak() return "roar" end
for _, animal in ipairs {Dog "Fido", Cat("Felix", "Tabby"), Lion("Leo", "African")} do
  print(animal, animal:is_a(Cat), Animal:class_of(animal), animal.breed)
end

-- Tables.
show("deepcompare", tablex.deepcompare({1, {2, {3}}}, {1, {2, {3}}}))
show("merge", tablex.keys(tablex.merge({a = 1, b = 2}, {b = 3, c = 4}, true), true) and tablex.size {1, 2, x = 3})
show("zip", tablex.zip({1, 2, 3}, {"a", "b", "c"}))
show("mapn", tablex.mapn(function(a, b, c) return a + b * c end, {1, 2}, {3, 4}, {5, 6}))
show("sortv", (function() local out = {} for k, v in tablex.sortv({c = 1, a = 3, b = 2}) do out[#out + 1] = k .. v end return out end)())
show("deepcopy", tablex.deepcopy {1, {2, x = {3}}})
show("foldr", tablex.reduce(operator.concat, {"a", "b", "c"}))
show("array2d", array2d.map("*", {{1, 2}, {3, 4}}, 10))
show("column", array2d.column({{1, 2}, {3, 4}}, 2))
for row in array2d.iter({{1, 2}, {3, 4}}, false) do io.write(tostring(row), " ") end
print()

-- Sequences, functions, comprehensions, permutations.
show("seq", seq.copy(seq.filter(seq.map(function(x) return x * 3 end, seq.range(1, 30)), function(x) return x % 2 == 0 end)))
show("seqsum", seq.sum(seq.list {1, 2, 3.5}))
show("sorted", seq.copy(seq.sort({9, 1, 5}, function(a, b) return a > b end)))
show("unique", seq.copy(seq.sort(seq.unique {1, 2, 2, 3, 1})))
local _1, _2 = func._1, func._2
show("placeholder", tablex.map(_1 * 2 + 1, {1, 2, 3}))
show("composed", func.compose(string.upper, string.reverse) "abc")
show("curried", func.bind(math.max, 10, _1)(3))
show("comprehension", comprehension "x^2 for x=1,10 if x % 2 == 1" ())
show("pairs", comprehension "{x,y} for x=1,3 for y=x,3" ())
show("permutations", #permute.table {1, 2, 3, 4, 5})
show("permutation", permute.table {"a", "b", "c"})

-- Strings and text.
show("stringx", List {stringx.strip "  x y ", stringx.center("ab", 8, "*"), stringx.replace("banana", "an", "AN", 1),
                      stringx.title "hello big world", stringx.rfind("a.b.c", "."), stringx.count("abababa", "aba"),
                      stringx.startswith("hello", "he"), stringx.expandtabs("a\tb", 4), stringx.isdigit "123"})
show("splitlines", stringx.splitlines "one\ntwo\r\nthree")
show("partition", {stringx.partition("key=value=x", "=")})
show("shorten", stringx.shorten(("long "):rep(20), 20))
show("quoted", stringx.quote_string "line\nwith ]] and \"quotes\"")
print(text.wrap(("the quick brown fox jumps over the lazy dog "):rep(3), 30))
print(text.indent("a\nb\n", 4), text.dedent "   x\n     y\n")
show("template", text.Template "${who} is ${what}":substitute {who = "lua", what = "small"})
print(template.substitute([[
# for i, name in ipairs(names) do
$(i): $(name:upper())
# end
]], {ipairs = ipairs, names = {"anna", "bob"}}))
show("pattern", (function() local r = {} sip.match("$v{name} = $i{value}", "count = 42", r) return List {r.name, r.value} end)())
for kind, value in lexer.lua("local x = 0x10 -- comment\nreturn 'str'..x", {}) do io.write(kind, ":", tostring(value), " ") end
print()
local f = stringio.open "first 10\nsecond 20\n"
show("stringio", List {f:read(), f:read()})
show("data", data.read(stringio.open "name,age\nAnna,30\nBob,25\n").fieldnames)
show("query", seq.copy_tuples(data.read(stringio.open "n v\na 3\nb 1\n"):select "n where v > 2"))
print(pretty.write {1, 2, {a = "x", ["b c"] = {true, false}}, key = 2.5, [10] = "ten"})
show("read", pretty.read "{1, 2, {x = 'y'}}")
show("number", List {pretty.number(123456789, "M"), pretty.number(1234, "N"), pretty.number(0, "T", 2)})
show("types", List {types.is_callable(print), types.type(List()), types.is_empty {}, types.to_bool "yes"})
show("url", List {url.quote "a b&c/d", url.unquote "a%20b%26"})

-- Errors through the library.
print(pcall(List.range, "x"))
print(select("#", pcall(comprehension, "x for")))
