-- Patterns over a long text: find, match, gmatch, gsub with strings, tables and functions.
-- quick: 60
local n = tonumber(arg and arg[1]) or 40000

-- ---- a text of log lines ----

local seed = 77
local function random(limit)
  seed = seed * 16807 % 2147483647
  return seed % limit
end

local levels = { "info", "warning", "error" }
local lines, errors, bytes = {}, 0, 0
for i = 1, n do
  local level, size = levels[random(3) + 1], random(5000)
  if level == "error" then errors = errors + 1 end
  bytes = bytes + size
  lines[i] = string.format("2024-%02d-%02d [%s] user%d@host%d.example: path=/a/b%d.txt; bytes = %d",
    random(12) + 1, random(28) + 1, level, random(50), random(9), i, size)
end
local text = table.concat(lines, "\n") .. "\n"

-- ---- what is in it ----

local count, found, sum = 0, 0, 0
for line in text:gmatch("[^\n]+") do
  count = count + 1
  local year, month, day, level = line:match("^(%d+)%-(%d+)%-(%d+) %[(%a+)%]")
  if year ~= "2024" or #month ~= 2 or #day ~= 2 then error("wrong date in " .. line) end
  if level == "error" then found = found + 1 end
  sum = sum + tonumber(line:match("bytes%s*=%s*(%d+)$"))
end
if count ~= n or found ~= errors or sum ~= bytes then error("wrong counts: " .. count .. " " .. found .. " " .. sum) end

local users = 0
for name, host in text:gmatch("(%w+)@(%w+)%.example") do
  if name:sub(1, 4) ~= "user" or host:sub(1, 4) ~= "host" then error("wrong address") end
  users = users + 1
end
if users ~= n then error("wrong number of addresses: " .. users) end

local upper, replaced = text:gsub("%[(%a+)%]", function(level) return "<" .. level:upper() .. ">" end)
if replaced ~= n or #upper ~= #text then error("wrong replacement") end
local short = upper:gsub("%u+", { INFO = "i", WARNING = "w", ERROR = "e" })
local _, letters = short:gsub("<[iwe]>", "%0")
if letters ~= n then error("wrong number of letters: " .. letters) end

local position, stops = 1, 0
while true do
  local _, stop = text:find(".txt;", position, true)
  if not stop then break end
  stops, position = stops + 1, stop + 1
end
if stops ~= n then error("wrong number of paths: " .. stops) end

local trimmed = 0
for i = 1, n do trimmed = trimmed + #(("   " .. lines[i] .. "  "):match("^%s*(.-)%s*$")) end
if trimmed ~= #text - n then error("wrong length of trimmed lines: " .. trimmed) end
print(#text, #short)
