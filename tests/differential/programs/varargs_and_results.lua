-- Lists of arguments and results in all positions.
local function none() end
local function one() return "one" end
local function three() return 1, nil, 3 end
local function show(label, ...) print(label, select("#", ...), ...) end
show("none", none()) show("one", one()) show("three", three()) show("cut", (three())) show("middle", three(), "x") show("both", three(), three()) show("nested", show("inner", three()))
local t = { three(), three(), n = three() } print(#t, t[1], t[2], t[4], t.n)
t = { (three()), none(), one(), none() } print(#t, t[1], t[2], t[3])
local function forward(...) return ... end
local function count(...) return select("#", ...) end
local function tail(...) return select(2, ...) end
print(count(forward()), count(forward(nil)), count(forward(nil, nil)), count((forward())), count(tail(1, 2, 3)), count(tail(1)))
local function sum(...) local s = 0 for i = 1, count(...) do s = s + (select(i, ...) or 0) end return s end
print(sum(), sum(1), sum(1, nil, 3), sum(table.unpack({ 1, 2, 3, 4, 5 })), sum(forward(1, 2), forward(3, 4)))
local function reverse(...) local n = count(...) if n == 0 then return end local function go(i, ...) if i == 0 then return ... end return go(i - 1, ...) end
  local list, r = table.pack(...), {} for i = 1, n do r[i] = list[n + 1 - i] end return table.unpack(r, 1, n) end
print(reverse(1, 2, nil, "four", false))
local function partial(f, ...) local bound = table.pack(...) return function(...)
  local all, n = {}, bound.n for i = 1, n do all[i] = bound[i] end for i = 1, count(...) do all[n + i] = (select(i, ...)) end
  return f(table.unpack(all, 1, n + count(...))) end end
print(partial(string.format, "%s-%s-%s", "a")("b", "c"), partial(count, nil)(nil, nil), partial(math.max)(3, 9, 2))
print((select("#", table.unpack({}, 1, 250))), select(-1, forward(1, 2, 3)), (select(-3, 1, 2, 3)))
local function deep(n, ...) if n == 0 then return count(...), ... end return deep(n - 1, n, ...) end
print(deep(10))
local function notTail(n, ...) if n == 0 then return ... end local a = notTail(n - 1, n, ...) return a, n end
print(notTail(5, "x"))
print(pcall(forward, 1, nil, 3), pcall(error, "e", 0), select("#", pcall(none)))
print(string.format("%s %s", forward("a", "b", "c")), math.max(forward(3, 8, 5)), ("x"):rep(forward(3)), #{ forward(1, 2, 3) }, ({ forward(5, 6) })[2])
local object = { items = {} }
function object:add(...) for _, v in ipairs { ... } do self.items[#self.items + 1] = v end return self, #self.items end
print(select(2, object:add(1, 2):add():add(3)), table.concat(object.items, ","))
local function defaults(a, b, ...) a = a or "A" b = b == nil and "B" or b return a, b, ... end
print(defaults()) print(defaults(1)) print(defaults(nil, false, 3)) print(defaults(1, 2, 3, 4))
for i = 1, 200 do
  local packed = table.pack(forward(table.unpack({}, 1, i)))
  if packed.n ~= i then print("wrong", i, packed.n) end
end
local a, b, c = (function(...) return ... end)(1, 2) print(a, b, c)
local x, y, z = 0, three() print(x, y, z)
x, y, z = three(), 10 print(x, y, z)
print((function(...) local p, q = ... return q, p, ... end)(1, 2, 3))
print(load("return select('#', ...), ...")(nil, false))
