-- Multiple inheritance by search, mixins, prototypes, read-only and default-valued tables.
local function createClass(...)
  local parents = { ... }
  local class = {}
  setmetatable(class, { __index = function(_, key)
    for _, parent in ipairs(parents) do
      local value = parent[key]
      if value ~= nil then return value end
    end
  end })
  class.__index = class
  function class:new(object) return setmetatable(object or {}, class) end
  return class
end
local Named = { getName = function(self) return self.name end, setName = function(self, n) self.name = n end, kind = "named" }
local Account = { balance = 0, deposit = function(self, v) self.balance = self.balance + v end, kind = "account" }
function Account:withdraw(v)
  if v > self.balance then error("insufficient funds: " .. self.balance .. " < " .. v, 0) end
  self.balance = self.balance - v
end
local NamedAccount = createClass(Account, Named)
local a, b = NamedAccount:new { name = "Paul" }, NamedAccount:new()
a:deposit(100)
a:withdraw(30.5)
b:setName "Ruth"
print(a:getName(), a.balance, b:getName(), b.balance, a.kind, rawget(b, "balance"))
print(pcall(a.withdraw, a, 1000))
print(pcall(b.withdraw, b, 1))
local function mixin(target, ...)
  for _, source in ipairs { ... } do
    for k, v in pairs(source) do target[k] = v end
  end
  return target
end
local Comparable = { max = function(self, other) return self:value() >= other:value() and self or other end }
local Printable = { show = function(self) return "[" .. self:value() .. "]" end }
local Number = mixin({}, Comparable, Printable)
Number.__index = Number
function Number:value() return self.n end
local one, two = setmetatable({ n = 1 }, Number), setmetatable({ n = 2 }, Number)
print(one:max(two):show(), one:show(), two:max(one) == two)
local function clone(prototype) return setmetatable({}, { __index = prototype }) end
local base = { x = 1, list = { "shared" } }
local chain = { base }
for i = 2, 6 do
  chain[i] = clone(chain[i - 1])
  chain[i]["level" .. i] = i
end
print(chain[6].x, chain[6].level3, chain[3].level4, chain[6].list[1])
chain[3].x = 33
chain[6].list[1] = "changed"
print(chain[2].x, chain[3].x, chain[6].x, base.list[1])
local function readOnly(t)
  return setmetatable({}, { __index = t, __newindex = function(_, k) error("read-only: " .. tostring(k), 2) end, __len = function() return #t end, __pairs = function() return pairs(t) end })
end
local days = readOnly { "Mon", "Tue", "Wed" }
print(days[1], #days, pcall(function() days[1] = "x" end))
for i, day in pairs(days) do io.write(i, day, " ") end
print()
local key = {}
local function withDefault(t, value)
  return setmetatable(t, { __index = function(self) return self[key] end, [key] = value }), rawset(t, key, value)
end
local counts = withDefault({}, 0)
for c in ("abracadabra"):gmatch "." do counts[c] = counts[c] + 1 end
print(counts.a, counts.b, counts.r, counts.z)
local memo = setmetatable({}, { __index = function(t, n)
  local value = n < 2 and n or t[n - 1] + t[n - 2]
  t[n] = value
  return value
end })
print(memo[80], memo[10], rawget(memo, 81))
