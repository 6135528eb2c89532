-- Generators, coroutines in coroutines, errors in them, and variables closed in them.
local function numbers(n)
  return coroutine.wrap(function()
    for i = 1, n do coroutine.yield(i) end
  end)
end
local sum = 0
for i in numbers(3000) do sum = sum + i end

local function deep(level)
  if level == 0 then coroutine.yield("bottom") return 0 end
  local inner = coroutine.wrap(deep)
  coroutine.yield(inner(level - 1))
  return 1 + inner()
end
local outer = coroutine.wrap(deep)
assert(outer(20) == "bottom" and outer() == 20)

local closed = 0
for i = 1, 200 do
  local co = coroutine.create(function()
    local guard <close> = setmetatable({}, {__close = function() closed = closed + 1 end})
    for j = 1, i do coroutine.yield(j) end
    error({i})
  end)
  coroutine.resume(co)
  if i % 2 == 0 then
    assert(coroutine.close(co))
  else
    local succeeded, value
    repeat succeeded, value = coroutine.resume(co) until not succeeded
    assert(value[1] == i)
    coroutine.close(co)
  end
  assert(coroutine.status(co) == "dead")
end
local sorted = {}
for i = 1, 300 do sorted[i] = (i * 7919) % 1009 end
table.sort(sorted, function(a, b) return a < b end)
return sum .. " " .. closed .. " " .. sorted[1] .. " " .. sorted[#sorted]
