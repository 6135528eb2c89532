-- To-be-closed variables on all ways out, with errors in handlers and results kept.
local function resource(name, failing)
  print("open " .. name)
  return setmetatable({ name = name }, { __close = function(self, err)
    print("close " .. self.name, err)
    if failing then error(name .. " failed", 0) end
  end })
end
local function normal() local a <close> = resource "a" local b <close> = resource "b" print "body" return "result", nil, "last" end
print(normal())
local function early(n) for i = 1, 5 do local r <close> = resource("r" .. i) if i == n then return i end end return "end" end
print(early(2))
for i = 1, 4 do local r <close> = resource("loop" .. i) if i == 2 then goto continue end if i == 3 then break end print("turn", i) ::continue:: end
print(pcall(function() local a <close> = resource "outer" local b <close> = resource("inner", true) error("original", 0) end))
print(pcall(function() local a <close> = resource("first", true) local b <close> = resource("second", true) return "lost" end))
print(pcall(function() local n <close> = nil local f <close> = false local bad <close> = 42 end))
local co = coroutine.create(function(x) local a <close> = resource "in coroutine" local y = coroutine.yield(x + 1) local b <close> = resource "later" return y * 2 end)
print(coroutine.resume(co, 1)) print(coroutine.resume(co, 21)) print(coroutine.status(co))
co = coroutine.create(function() local a <close> = resource "abandoned" coroutine.yield() end)
coroutine.resume(co) print(coroutine.close(co), coroutine.status(co))
co = coroutine.create(function() local a <close> = resource("bad", true) coroutine.yield() end)
coroutine.resume(co) print(coroutine.close(co))
local function iterate(n) local guard = resource "iterator" return function(_, i) if i < n then return i + 1 end end, nil, 0, guard end
for i in iterate(3) do io.write(i, " ") end print()
for i in iterate(3) do if i == 2 then break end end
print((function() for i in iterate(5) do if i == 3 then return "returned " .. i end end end)())
print(pcall(function() for i in iterate(5) do if i == 2 then error "in loop" end end end))
local function recursive(n) local r <close> = resource(n) if n > 0 then return (recursive(n - 1)) end return "bottom" end
print(recursive(3))
local log = {}
for i = 1, 500 do
  local c <close> = setmetatable({}, { __close = function() log[#log + 1] = i end })
  if i % 7 == 0 then goto next end
  do local d <close> = setmetatable({}, { __close = function() log[#log + 1] = -i end }) end
  ::next::
end
print(#log, log[1], log[2], log[13], log[14], log[#log])
local w = coroutine.wrap(function() local c <close> = setmetatable({}, { __close = function() coroutine.yield "yielded in close" print "after yield" end }) return "value" end)
print(w()) print(w())
