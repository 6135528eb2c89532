-- Line, call, return and count hooks.
local count = 0
debug.sethook(function(event, line) count = count + 1 end, "l")
local x = 1
x = x + 1
debug.sethook()
print(count >= 2, debug.gethook())
local calls = {}
debug.sethook(function(event) local n = debug.getinfo(2, "n").name if n == "watched" then calls[#calls + 1] = event end end, "cr")
local function watched() return 1 end
local y = watched()
debug.sethook()
print(table.concat(calls, " "))

local steps, ticks = {}, 0
local function body(n)
  local sum = 0
  for i = 1, n do
    sum = sum + i
  end
  return sum
end
debug.sethook(function(event, line) steps[#steps + 1] = line end, "l")
body(2)
debug.sethook()
local first = steps[1]
for i, line in ipairs(steps) do steps[i] = line - first end
print(table.concat(steps, " "))
debug.sethook(function() ticks = ticks + 1 end, "", 100)
body(10000)
local hook, mask, count = debug.gethook()
debug.sethook()
print(type(hook), mask, count, ticks > 10)
print(pcall(function()
  debug.sethook(function() error "from the hook" end, "", 1000)
  while true do end
end))
debug.sethook()
print(debug.gethook())
