-- Garbage of all kinds, finalizers, weak tables, in each mode of the collector.
local finalized, kept = 0, {}
local metatable = {__gc = function() finalized = finalized + 1 end}
local function litter(n)
  local weak = setmetatable({}, {__mode = "k"})
  local list
  for i = 1, n do
    list = {next = list, text = "item " .. i, [i] = i}
    if i % 10 == 0 then setmetatable({}, metatable) end
    if i % 50 == 0 then kept[#kept + 1] = list.text end
    weak[{}] = list
  end
  return list.text
end
collectgarbage("generational")
litter(2000)
collectgarbage("incremental")
litter(2000)
for _ = 1, 5 do collectgarbage("step", 100) end
collectgarbage("stop")
litter(1000)
collectgarbage("restart")
collectgarbage()
collectgarbage()
assert(finalized == 500, finalized)
assert(collectgarbage("count") > 0)
return #kept .. " " .. table.concat(kept, ","):sub(-20)
