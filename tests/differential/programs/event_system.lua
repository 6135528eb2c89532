-- Events, observers that remove themselves, property bindings, a small text adventure driven by a script.
local Emitter = {}
Emitter.__index = Emitter
function Emitter.new() return setmetatable({ handlers = {} }, Emitter) end
function Emitter:on(event, f, priority)
  local list = self.handlers[event] or {}
  self.handlers[event] = list
  list[#list + 1] = { f = f, priority = priority or 0, order = #list }
  table.sort(list, function(a, b) if a.priority ~= b.priority then return a.priority > b.priority end return a.order < b.order end)
  return function() for i, h in ipairs(list) do if h.f == f then table.remove(list, i) return true end end return false end
end
function Emitter:once(event, f) local off off = self:on(event, function(...) off() return f(...) end) return off end
function Emitter:emit(event, ...)
  local list, results = self.handlers[event] or {}, {}
  for _, h in ipairs({ table.unpack(list) }) do
    local ok, result = pcall(h.f, ...)
    results[#results + 1] = ok and tostring(result) or "error " .. tostring(result):gsub("^.-:%d+: ", "")
    if result == "stop" then break end
  end
  return table.concat(results, ",")
end
local e = Emitter.new()
local off = e:on("x", function(v) return "a" .. v end)
e:on("x", function(v) return "high" .. v end, 10)
e:once("x", function(v) return "once" .. v end)
e:on("x", function(v) if v == 3 then error "three" end return v * 2 end, -1)
for v = 1, 5 do print(v, e:emit("x", v)) if v == 3 then print(off(), off()) end end
e:on("x", function() return "stop" end, 5)
print(e:emit("x", 9), e:emit("nothing", 1) == "")
local function observable(values)
  local watchers, dependencies = {}, {}
  local current
  local object = setmetatable({}, {
    __index = function(_, k)
      if current then dependencies[k] = dependencies[k] or {} dependencies[k][current] = true end
      local v = values[k]
      if type(v) == "function" then
        local outer = current
        current = k
        local result = v(values, setmetatable({}, { __index = function(_, key) dependencies[key] = dependencies[key] or {} dependencies[key][k] = true return values[key] end }))
        current = outer
        return result
      end
      return v
    end,
    __newindex = function(self, k, v)
      local old = values[k]
      values[k] = v
      for _, w in ipairs(watchers) do w(k, old, v) end
      local names = {}
      for d in pairs(dependencies[k] or {}) do names[#names + 1] = d end
      table.sort(names)
      for _, d in ipairs(names) do for _, w in ipairs(watchers) do w(d, "dependent", self[d]) end end
    end,
  })
  return object, function(f) watchers[#watchers + 1] = f end
end
local model, watch = observable { width = 2, height = 3, area = function(_, m) return m.width * m.height end, label = function(_, m) return "w" .. m.width end }
watch(function(k, old, new) print("changed", k, old, new) end)
print(model.area, model.label)
model.width = 10
model.height = model.height + 1
print(model.area, model.label, model.missing)
local rooms = {
  hall = { text = "A hall.", exits = { north = "library", east = "kitchen" }, items = { "lamp" } },
  library = { text = "Books everywhere.", exits = { south = "hall" }, items = { "book", "key" } },
  kitchen = { text = "It smells of soup.", exits = { west = "hall", down = "cellar" }, items = {} },
  cellar = { text = "Dark and damp.", exits = { up = "kitchen" }, items = { "chest" }, dark = true },
}
local player = { room = "hall", items = {} }
local function has(name) for i, item in ipairs(player.items) do if item == name then return i end end end
local commands = {}
function commands.go(direction)
  local target = rooms[player.room].exits[direction]
  if not target then return "You cannot go " .. direction .. "." end
  player.room = target
  return commands.look()
end
function commands.look()
  local room = rooms[player.room]
  if room.dark and not has "lamp" then return "It is pitch dark." end
  local exits = {}
  for d in pairs(room.exits) do exits[#exits + 1] = d end
  table.sort(exits)
  return room.text .. " Exits: " .. table.concat(exits, ", ") .. "." .. (#room.items > 0 and " You see: " .. table.concat(room.items, ", ") .. "." or "")
end
function commands.take(name)
  for i, item in ipairs(rooms[player.room].items) do
    if item == name then
      player.items[#player.items + 1] = table.remove(rooms[player.room].items, i)
      return "Taken."
    end
  end
  return "No " .. name .. " here."
end
function commands.open(name) if name ~= "chest" or player.room ~= "cellar" then return "Open what?" end return has "key" and "Gold! The end." or "It is locked." end
function commands.inventory() return #player.items == 0 and "Nothing." or table.concat(player.items, ", ") end
for line in ("look\ngo north\ntake key\ntake sword\ngo west\ngo south\ngo east\ngo down\nopen chest\ngo up\ngo west\ntake lamp\ninventory\ngo east\ngo down\nopen chest\ndance\nopen"):gmatch "[^\n]+" do
  local verb, noun = line:match "^(%a+)%s*(%a*)$"
  local command = commands[verb]
  print("> " .. line)
  print(command and command(noun) or "I do not know how to " .. verb .. ".")
end
