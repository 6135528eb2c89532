-- Proxies that log every access, undo history, computed properties, strict tables and lazy fields.
local log = {}
local function trace(target, name)
  return setmetatable({}, {
    __index = function(_, k)
      log[#log + 1] = ("get %s[%s]"):format(name, tostring(k))
      local v = target[k]
      if type(v) == "table" then return trace(v, name .. "." .. tostring(k)) end
      return v
    end,
    __newindex = function(_, k, v)
      log[#log + 1] = ("set %s[%s]=%s"):format(name, tostring(k), tostring(v))
      target[k] = v
    end,
    __len = function() log[#log + 1] = "len " .. name return #target end,
    __call = function(_, ...) log[#log + 1] = ("call %s(%s)"):format(name, table.concat({ ... }, ",")) return select("#", ...) end,
    __eq = function() log[#log + 1] = "eq" return false end,
    __concat = function(a, b) log[#log + 1] = "concat" return "joined" end,
  })
end
local data = { list = { 10, 20, 30 }, nested = { deep = { value = 1 } } }
local p = trace(data, "data")
p.x = 5
p.list[2] = 25
p.nested.deep.value = p.nested.deep.value + p.x
print(#p.list, p(1, 2, 3), p == trace(data, "other"), p .. "text", "text" .. p, data.nested.deep.value, data.list[2])
for _, entry in ipairs(log) do print(entry) end
local function undoable(t)
  local history, methods = {}, {}
  function methods.undo()
    local last = table.remove(history)
    if last then t[last[1]] = last[2] end
    return last ~= nil
  end
  return setmetatable({}, {
    __index = function(_, k) return methods[k] or t[k] end,
    __newindex = function(_, k, v)
      history[#history + 1] = { k, t[k] }
      t[k] = v
    end,
  })
end
local document = undoable { title = "old" }
document.title = "new"
document.title = "newer"
document.author = "me"
print(document.title, document.author, document.undo(), document.author, document.undo(), document.title, document.undo(), document.title, document.undo())
local Temperature = {}
local getters = { celsius = function(self) return rawget(self, "kelvin") - 273.15 end, fahrenheit = function(self) return self.celsius * 9 / 5 + 32 end }
local setters = { celsius = function(self, v) rawset(self, "kelvin", v + 273.15) end }
Temperature.__index = function(self, k) local g = getters[k] return g and g(self) end
Temperature.__newindex = function(self, k, v)
  local s = setters[k]
  if not s then error("no property " .. k, 2) end
  s(self, v)
end
local temperature = setmetatable({ kelvin = 300 }, Temperature)
for _, c in ipairs { 0, 100, -40, 36.6 } do
  temperature.celsius = c
  print(("%.2f %.2f %.2f"):format(temperature.kelvin, temperature.celsius, temperature.fahrenheit))
end
print(pcall(function() temperature.pressure = 1 end))
print(temperature.pressure)
local lazyCount = 0
local lazy = setmetatable({}, { __index = function(t, k)
  lazyCount = lazyCount + 1
  local v = k * k
  rawset(t, k, v)
  return v
end })
local sum = 0
for round = 1, 3 do for k = 1, 50 do sum = sum + lazy[k] end end
print(sum, lazyCount)
local strict = setmetatable({ known = 1 }, { __index = function(_, k) error("unknown field " .. k, 2) end, __newindex = function(_, k) error("new field " .. k, 2) end })
strict.known = strict.known + 1
print(strict.known, pcall(function() return strict.unknown end))
print(pcall(function() strict.other = 1 end))
