-- What every random program begins with: how values are printed, guarded operations on tables of unknown contents, and
-- two classes whose objects stand in for numbers.
local mini, maxi, huge = math.mininteger, math.maxinteger, math.huge
local lines = 0
local function show(v)
  local kind = type(v)
  if v ~= v then return "nan" end
  if math.type(v) == "float" and v % 1 ~= 0 then return string.format("%.17g", v) end
  if kind == "table" then
    local mt = getmetatable(v)
    return mt and mt.__name and "<" .. mt.__name .. ">" or "table"
  end
  if kind == "string" and v:find("stack overflow", 1, true) then return "(stack overflow)" end
  if kind == "string" and #v > 80 then return v:sub(1, 80) .. "..." .. #v end
  return (kind == "function" or kind == "thread" or kind == "userdata") and kind or tostring(v)
end
local function str(v)
  if type(v) == "table" or type(v) == "function" then return show(v) end
  return tostring(v)
end
local function out(label, ...)
  lines = lines + 1
  if lines > 3000 then return end
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = show(parts[i]) end
  print(label, table.concat(parts, " "))
end
local function attempt(label, f, ...)
  out(label, pcall(f, ...))
end
local function rank(k)
  return type(k) == "number" and 1 or type(k) == "string" and 2 or 3
end
local function sortedKeys(t)
  local keys = {}
  for k in pairs(t) do if type(k) == "number" or type(k) == "string" or type(k) == "boolean" then keys[#keys + 1] = k end end
  table.sort(keys, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    if type(a) == "boolean" then return not a and b end
    return a < b
  end)
  return keys
end
local function dump(label, t, depth)
  if type(t) ~= "table" then return out(label, t) end
  local parts = {}
  for _, k in ipairs(sortedKeys(t)) do
    if #parts < 40 then parts[#parts + 1] = show(k) .. "=" .. show(rawget(t, k)) end
  end
  out(label, "{" .. table.concat(parts, ",") .. "}")
end
local function border(t)
  local n = #t
  return (n == 0 or t[n] ~= nil) and t[n + 1] == nil
end
local function size(t)
  local n = 0
  while rawget(t, n + 1) ~= nil do n = n + 1 end
  for k in pairs(t) do
    if math.type(k) == "integer" and k > n then return n end
  end
  return #t
end
local function proper(t)
  local n = size(t)
  for k in pairs(t) do
    if math.type(k) == "integer" and k > n then return false end
  end
  return n < 50
end
local function integer(v)
  return math.type(v) == "integer" and v or 0
end
local function cap(s)
  return type(s) == "string" and #s > 60 and s:sub(-60) or s
end
local V = { __name = "V" }
V.__index = V
local function raw(v)
  for _ = 1, 5 do
    if getmetatable(v) ~= V then return v end
    v = rawget(v, "n")
  end
  return 0
end
local function new(n) return setmetatable({ n = raw(n) }, V) end
V.__add = function(a, b) return new(raw(a) + raw(b)) end
V.__sub = function(a, b) return new(raw(a) - raw(b)) end
V.__mul = function(a, b) return new(raw(a) * raw(b)) end
V.__div = function(a, b) return new(raw(a) / raw(b)) end
V.__mod = function(a, b) return new(raw(a) % raw(b)) end
V.__idiv = function(a, b) return new(raw(a) // raw(b)) end
V.__band = function(a, b) return new(raw(a) & raw(b)) end
V.__shl = function(a, b) return new(raw(a) << raw(b)) end
V.__unm = function(a) return new(-a.n) end
V.__len = function(a) return a.n end
V.__eq = function(a, b) return a.n == b.n end
V.__lt = function(a, b) return raw(a) < raw(b) end
V.__le = function(a, b) return raw(a) <= raw(b) end
V.__concat = function(a, b) return "V" .. cap(show(raw(a)) .. show(raw(b))) end
V.__call = function(self, x, y) return self.n, x, y end
V.__tostring = function(a) return "V" .. show(a.n) end
V.__close = function(self, e) out("close", self.n, e) end
function V:get() return self.n end
function V:plus(x) return new(self.n + x) end
local W = setmetatable({ __name = "W" }, { __index = V })
W.__index = function(t, k) if k == "missing" then return nil end return W[k] or k end
W.__newindex = function(t, k, v) rawset(t, k, v == 13 and "thirteen" or v) end
function W:get() return -self.n end
local function newW(n) return setmetatable({ n = n }, W) end
