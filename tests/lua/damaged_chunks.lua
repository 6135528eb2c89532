-- test: no-differential, since the reference does not verify chunks and crashes

-- Binary chunks with one byte changed: they are refused, or do something else, but nothing worse. A chunk may lie about
-- which slots are in use, so the collector is kept busy.
local function sample(n)
  local list = { {}, { n, { n .. "x" } }, {}, n }
  for i = 1, 3 do list[#list + 1] = { i, {}, tostring(i) } end
  local more = { table.unpack(list) }
  return #list + #more
end
local whole = string.dump(sample, true)
assert(load(whole, "whole", "b")(1) == 14)

local refused, ran = 0, 0
for position = 1, #whole do
  for _, byte in ipairs({ 0, position % 2 == 0 and 255 or 1 }) do
    local damaged = whole:sub(1, position - 1) .. string.char(byte) .. whole:sub(position + 1)
    local loaded = load(damaged, "damaged", "b", { table = table, tostring = tostring })
    if loaded then
      ran = ran + 1
      local steps = 0
      local watched = coroutine.create(loaded)
      debug.sethook(watched, function()
        steps = steps + 1
        collectgarbage()
        if steps > 100 then error("too long") end
      end, "", 1)
      coroutine.resume(watched, 1)
    else
      refused = refused + 1
    end
  end
end
assert(refused > 100 and ran > 10)
print("ok")
