-- Visible effects of collection after full cycles: weak tables, finalizers, resurrection, and the order at the end.
local function full() collectgarbage() collectgarbage() end
local weakValues, weakKeys = setmetatable({}, { __mode = "v" }), setmetatable({}, { __mode = "k" })
local held = {}
do
  for i = 1, 10 do
    local object = { i }
    weakValues[i] = object
    weakKeys[object] = i
    if i % 3 == 0 then held[#held + 1] = object end
  end
end
full()
local left = {}
for i = 1, 10 do left[i] = weakValues[i] and weakValues[i][1] or "-" end
print(table.concat(left, " "))
local sum, n = 0, 0
for _, v in pairs(weakKeys) do sum, n = sum + v, n + 1 end
print(sum, n)
local order = {}
for i = 1, 6 do setmetatable({ id = i }, { __gc = function(o) order[#order + 1] = o.id end }) end
full()
print(table.concat(order, " "))
local back
do setmetatable({ value = "revived" }, { __gc = function(o) back = o end }) end
full()
print(back and back.value)
back = nil
full()
print(back)
local count = 0
local metatable = {}
metatable.__gc = function() count = count + 1 if count < 5 then setmetatable({}, metatable) end end
setmetatable({}, metatable)
for _ = 1, 8 do full() end
print(count)
local memo = setmetatable({}, { __mode = "k" })
local function describe(t) if not memo[t] then memo[t] = "#" .. #t end return memo[t] end
local keep = { 1, 2, 3 }
print(describe(keep), describe { 1 }, describe(keep))
full()
n = 0
for _ in pairs(memo) do n = n + 1 end
print(n)
print(collectgarbage "isrunning", collectgarbage "stop", collectgarbage "isrunning", collectgarbage "restart", collectgarbage "isrunning", collectgarbage "count" > 0)
local function churn(rounds) local t = {} for i = 1, rounds do t[i % 100 + 1] = { i, tostring(i), { i } } end return t[1][1] end
print(churn(50000))
full()
local before = collectgarbage "count"
churn(50000)
full()
print(collectgarbage "count" - before < 100)
last1 = setmetatable({}, { __gc = function() print "first made, last finalized" end })
last2 = setmetatable({}, { __gc = function() print "second made" end })
last3 = setmetatable({}, { __gc = function() print "last made, first finalized" end })
