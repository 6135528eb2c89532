-- Errors that are raised and caught at many depths, with messages and with tables, and rethrown on the way.
-- quick: 1000
local n = tonumber(arg and arg[1]) or 400000

local Failure = {}
Failure.__index = Failure
Failure.__tostring = function(failure) return "failure " .. failure.code end

local function work(i, depth)
  if depth == 0 then
    if i % 4 == 0 then error("message " .. i % 10, 0) end
    if i % 4 == 1 then error(setmetatable({ code = i % 7 }, Failure)) end
    if i % 4 == 2 then
      local missing
      return missing.field
    end
    return i
  end
  return (work(i, depth - 1))
end

local function guarded(i)
  local fine, result = pcall(work, i, i % 5)
  if not fine and type(result) == "table" then error(result) end
  return fine, result
end

local messages, failures, codes, mistakes, sum, traced = 0, 0, 0, 0, 0, 0
for i = 1, n do
  local outer, fine, result = pcall(guarded, i)
  if not outer then
    failures = failures + 1
    codes = codes + fine.code
    if tostring(fine) ~= "failure " .. fine.code then error("wrong text of a failure") end
  elseif fine then
    sum = sum + result
  elseif result == "message " .. i % 10 then
    messages = messages + 1
  elseif result:find("nil value", 1, true) then
    mistakes = mistakes + 1
  end
  if i % 8 == 0 then
    local handled, text = xpcall(work, function(message) return "handled " .. tostring(message) end, i, 2)
    if not handled and text:sub(1, 15) == "handled message" then traced = traced + 1 end
  end
end

local quarter = math.floor(n / 4)
if messages ~= quarter or failures ~= math.floor((n + 3) / 4) or mistakes ~= math.floor((n + 2) / 4) then
  error("wrong counts: " .. messages .. " " .. failures .. " " .. mistakes)
end
if traced ~= math.floor(n / 8) then error("wrong number of handled errors: " .. traced) end
print(messages, failures, codes, mistakes, sum)
