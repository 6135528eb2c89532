-- Debug hooks, which take all functions out of stitched code and let them in again.
local function work(n)
  local t = {}
  for i = 1, n do t[i] = i * i end
  return t[n]
end
local calls, lines, counts = 0, 0, 0
for _ = 1, 5 do
  work(200)
  debug.sethook(function() calls = calls + 1 end, "cr")
  work(20)
  debug.sethook(function() lines = lines + 1 end, "l")
  work(20)
  debug.sethook(function() counts = counts + 1 end, "", 10)
  work(200)
  debug.sethook()
  work(200)
end
assert(calls > 0 and lines > 100 and counts > 10)
local co = coroutine.create(function() work(10) coroutine.yield() work(10) end)
local inside = 0
debug.sethook(co, function() inside = inside + 1 end, "l")
coroutine.resume(co)
coroutine.resume(co)
local information = debug.getinfo(work, "SLnu")
local name, value = debug.getlocal(1, 1)
return lines .. " " .. inside .. " " .. information.linedefined .. " " .. information.nparams .. " " .. name
