-- Errors of every origin, message handlers, tracebacks.
local messages = {}
local function note(_, message) messages[#messages + 1] = tostring(message) end
local absent
local attempts = {
  function() return absent.field end,
  function() return #absent end,
  function() return {} < {} end,
  function() return 1 // 0 end,
  function() return ("x") + 1 end,
  function() return math.floor("x") end,
  function() return string.rep() end,
  function() return setmetatable({}, {__index = function(_, key) error("no " .. key, 0) end}).thing end,
  function() error(setmetatable({}, {__tostring = function() return "an object" end})) end,
  function() local function down() return 1 + down() end return down() end,
  function() return select(2, string.find("a", "%")) end,
  function() for i = 1, 10, 0 do end end,
}
for _ = 1, 5 do
  for _, attempt in ipairs(attempts) do note(pcall(attempt)) end
end
local levels = 0
for _ = 1, 30 do
  local _, trace = xpcall(function() local t = {} t.x.y = 1 end, debug.traceback)
  for _ in trace:gmatch("\n") do levels = levels + 1 end
end
local text = table.concat(messages, "\n")
local hash = 0
for i = 1, #text do hash = (hash * 31 + text:byte(i)) % 2147483647 end
return #messages .. " " .. hash .. " " .. messages[7]
