-- debug library answers that do not depend on the implementation: names, lines, locals, upvalues.
local function info(level) local i = debug.getinfo(level + 1, "Slnut") return i.short_src, i.currentline, i.what, i.namewhat, i.name, i.nparams, i.isvararg, i.istailcall, i.nups end
local function outer(a, b, ...) local r = table.pack(info(1)) return table.unpack(r, 1, r.n) end
print(outer(1, 2, 3))
local object = { method = function(self) local r = table.pack(info(1)) return table.unpack(r, 1, r.n) end }
print(object:method())
print(object.method(object))
function globalFunction() local r = table.pack(info(1)) return table.unpack(r, 1, r.n) end
print(globalFunction())
local function tail() return info(1) end
print((tail()))
local i = debug.getinfo(print)
print(i.what, i.short_src, i.currentline, i.linedefined, i.nups, i.isvararg, i.func == print)
i = debug.getinfo(outer, "SL")
print(i.what, i.linedefined, i.lastlinedefined, i.source == "@" .. i.short_src)
local lines = {}
for line in pairs(i.activelines) do lines[#lines + 1] = line end
table.sort(lines)
print(#lines > 0, lines[1])
local function locals(x, y)
  local z = x + y
  do local hidden = 1 end
  local names = {}
  local n = 1
  while true do
    local name, value = debug.getlocal(1, n)
    if not name then break end
    if not name:find "^%(" then names[#names + 1] = name .. "=" .. tostring(type(value) == "table" and "t" or value) end
    n = n + 1
  end
  return table.concat(names, " ")
end
print(locals(3, 4))
print(debug.getlocal(locals, 1), debug.getlocal(locals, 2), debug.getlocal(locals, 3))
local up1, up2 = "first", "second"
local function closure() return up1, up2 end
print(debug.getupvalue(closure, 1)) print(debug.getupvalue(closure, 2)) print(debug.getupvalue(closure, 3))
print(debug.setupvalue(closure, 1, "changed"), up1, closure())
local function setter() local v = 1 debug.setlocal(1, 1, 99) return v end
print(setter())
print(debug.getmetatable "" .__index == string, debug.getregistry() ~= nil, pcall(debug.getinfo, 1, "?"), debug.getinfo(1000), pcall(debug.getlocal, 1000, 1))
print((debug.traceback("message", 1):gsub("\n.*", "")), debug.traceback(12), debug.traceback({}) ~= nil, type(debug.traceback()))
print(debug.getuservalue(io.stdout, 1), debug.upvalueid(closure, 1) ~= debug.upvalueid(closure, 2), pcall(debug.upvalueid, closure, 5))
