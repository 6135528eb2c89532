-- Precedence and associativity of every operator (manual 3.4.8), logical operators, and the difference between
-- an operator's use for a value and for a jump.

-- A recorder: operators on these objects build the text of the tree that was parsed.
local Tree = {}
local function text(value)
  return type(value) == "table" and value.text or tostring(value)
end
local function make(content)
  return setmetatable({ text = content }, Tree)
end
local names = {
  __add = "+", __sub = "-", __mul = "*", __div = "/", __mod = "%", __pow = "^", __idiv = "//",
  __band = "&", __bor = "|", __bxor = "~", __shl = "<<", __shr = ">>", __concat = "..",
}
for event, symbol in pairs(names) do
  Tree[event] = function(left, right)
    return make("(" .. text(left) .. symbol .. text(right) .. ")")
  end
end
Tree.__unm = function(operand) return make("(-" .. text(operand) .. ")") end
Tree.__bnot = function(operand) return make("(~" .. text(operand) .. ")") end
Tree.__len = function(operand) return make("(#" .. text(operand) .. ")") end

local a, b, c, d = make "a", make "b", make "c", make "d"
local function shape(tree, expected)
  assert(text(tree) == expected, text(tree) .. " instead of " .. expected)
end

-- Left-associative operators of one level.
shape(a + b - c + d, "(((a+b)-c)+d)")
shape(a * b / c // d % a, "((((a*b)/c)//d)%a)")
shape(a << b >> c << d, "(((a<<b)>>c)<<d)")
shape(a & b & c, "((a&b)&c)")
shape(a | b | c, "((a|b)|c)")
shape(a ~ b ~ c, "((a~b)~c)")
-- Right-associative ones.
shape(a ^ b ^ c, "(a^(b^c))")
shape(a .. b .. c .. d, "(a..(b..(c..d)))")
-- From the loosest to the tightest, on both sides.
shape(a | b ~ c, "(a|(b~c))")
shape(a ~ b | c, "((a~b)|c)")
shape(a ~ b & c, "(a~(b&c))")
shape(a & b ~ c, "((a&b)~c)")
shape(a & b << c, "(a&(b<<c))")
shape(a << b & c, "((a<<b)&c)")
shape(a << b .. c, "(a<<(b..c))")
shape(a .. b << c, "((a..b)<<c)")
shape(a .. b + c, "(a..(b+c))")
shape(a + b .. c, "((a+b)..c)")
shape(a + b * c, "(a+(b*c))")
shape(a * b + c, "((a*b)+c)")
shape(a * -b, "(a*(-b))")
shape(-a * b, "((-a)*b)")
shape(-a ^ b, "(-(a^b))")
shape(a ^ -b, "(a^(-b))")
shape(a ^ -b ^ c, "(a^(-(b^c)))")
shape(~a ^ b, "(~(a^b))")
shape(#a ^ b, "(#(a^b))")
shape(- -a, "(-(-a))")
shape(-~#a, "(-(~(#a)))")
shape(~a ~ ~b, "((~a)~(~b))")
shape((a + b) * c, "((a+b)*c)")
shape(a ^ (b + c), "(a^(b+c))")
shape(1 + a, "(1+a)")
shape(a + 1 * 2, "(a+2)")
shape(2 ^ a * 3, "((2^a)*3)")
shape(a << 1 | b >> 2 & 3, "((a<<1)|((b>>2)&3))")

-- Comparison binds looser than all of these, `and` looser still, `or` loosest; `not` binds like minus.
assert(1 + 1 == 2 and 1 | 2 == 3)
assert((2 < 1 | 2) == true)
assert("a" .. "b" == "ab")
assert(not nil == true and not (nil == true) == true and not 1 == 2 == (false == 2))
assert(not 1 == false)
assert((1 == 1 == true) and (1 < 2 == true) and ("x" ~= "y" == true))
assert((false and nil or 5) == 5 and (nil or false and 1) == false)
assert((1 or error "evaluated") == 1 and (nil and error "evaluated") == nil)
assert((1 and 2 or 3) == 2 and (nil and 2 or 3) == 3 and (1 and false or 3) == 3)
assert((false or nil) == nil and (nil or false) == false and (false and nil) == false and (nil and false) == nil)
assert((1 or 2 and nil) == 1 and ((1 or 2) and nil) == nil)
assert(-2 ^ 2 == -4.0 and 2 ^ -1 == 0.5 and -"2" ^ 2 == -4.0)
assert(2 ^ 3 ^ 2 == 512.0 and 7 // 2 * 2 == 6 and 2 * 7 // 2 == 7 and 8 % 5 * 2 == 6)
assert(5 - 3 - 1 == 1 and 5 - (3 - 1) == 3 and 100 / 10 / 5 == 2.0)
assert(1 << 2 + 1 == 8 and (1 << 2) + 1 == 5 and 6 & 3 == 2 and 6 ~ 3 == 5 and ~5 & 0xf == 10)
assert("1" .. 2 + 3 == "15" and 2 .. 3 + 1 == "24" and #"abc" + 1 == 4 and -#"abc" == -3)
assert(not not nil == false and not not 0 == true and not "" == false)

-- Logical operators over every combination of truth and position, folded and not, as value and as condition.
local values = { "nil", "false", "true", "0", "'x'", "t" }
local t = { mark = true }
_G.t = t
local function truth(value) return value ~= nil and value ~= false end
for _, x in ipairs(values) do
  for _, y in ipairs(values) do
    for _, z in ipairs(values) do
      local vx = load("return " .. x)()
      local vy = load("return " .. y)()
      local vz = load("return " .. z)()
      local expectations = {
        ["X and Y"] = truth(vx) and { vy } or { vx },
        ["X or Y"] = truth(vx) and { vx } or { vy },
        ["not X"] = { not truth(vx) },
        ["X and Y or Z"] = truth(vx) and truth(vy) and { vy } or { vz },
        ["X or Y and Z"] = truth(vx) and { vx } or truth(vy) and { vz } or { vy },
        ["not (X and Y)"] = { not (truth(vx) and truth(vy)) },
        ["not (X or Y)"] = { not (truth(vx) or truth(vy)) },
        ["not X and not Y"] = { not truth(vx) and not truth(vy) },
        ["(X or Y) and Z"] = (truth(vx) or truth(vy)) and { vz } or { truth(vx) and vx or vy },
      }
      for pattern, expected in pairs(expectations) do
        local literal = pattern:gsub("[XYZ]", { X = x, Y = y, Z = z })
        local variable = pattern:gsub("[XYZ]", { X = "x", Y = "y", Z = "z" })
        assert(load("return " .. literal)() == expected[1], literal)
        assert(load("local x, y, z = ... return " .. variable)(vx, vy, vz) == expected[1], literal)
        local condition = load("local x, y, z = ... if " .. variable .. " then return true else return false end")
        assert(condition(vx, vy, vz) == truth(expected[1]), literal)
        local loop = load("local x, y, z = ... local n = 0 while " .. variable
          .. " do n = n + 1 if n == 2 then break end end return n")
        assert(loop(vx, vy, vz) == (truth(expected[1]) and 2 or 0), literal)
        local repetition = load("local x, y, z = ... local n = 0 repeat n = n + 1 until n == 2 or " .. variable
          .. " return n")
        assert(repetition(vx, vy, vz) == (truth(expected[1]) and 1 or 2), literal)
        -- Into a local that is itself an operand.
        local reuse = load("local x, y, z = ... x = " .. variable .. " return x")
        assert(reuse(vx, vy, vz) == expected[1], literal)
      end
    end
    if os.getenv "SELVAGE_GC_STRESS" then break end
  end
end
_G.t = nil

-- Comparisons as values and inside logical expressions.
do
  local x, y = 3, 4
  local less, greater = x < y, x > y
  assert(less == true and greater == false)
  assert((x < y and "yes" or "no") == "yes" and (x > y and "yes" or "no") == "no")
  assert((x == 3 and y) == 4 and (x ~= 3 or y) == 4 and (x == 4 or y == 4) == true)
  assert((not (x < y)) == false and (not (x == y)) == true)
  local result = x >= 3 and y <= 4 and not (x == y)
  assert(result == true)
  result = x > 3 or y < 4 or nil
  assert(result == nil)
  local nested = (x < y) == (y > x)
  assert(nested)
  local function pick(...) return ... end
  assert(pick(x < y, x > y, x == 3 and 7) == true)
  assert(select("#", pick(x < y, x > y, x == 3 and 7)) == 3)
  local list = { x < y, x == y or nil, x ~= y and "different" }
  assert(list[1] == true and list[2] == nil and list[3] == "different")
end

-- String order is by bytes and embedded zeros count.
assert("a" < "b" and "a" < "aa" and "" < "a" and "Z" < "a" and not ("a" < "a") and "a" <= "a" and "b" > "a")
assert("a\0b" < "a\0c" and "a\0" > "a" and "a\0b" ~= "a\0c" and "\0" < "\1")

print "ok"
