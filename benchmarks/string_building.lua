-- Building strings: concatenation of many parts, of a few, by a buffer, by format and by repetition.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 280000

local format, concat = string.format, table.concat

local function byBuffer(count)
  local pieces = {}
  for i = 1, count do pieces[#pieces + 1] = i .. "," end
  return concat(pieces)
end

local function byExpression(count)
  local length = 0
  for i = 1, count do
    local text = "<" .. i .. " " .. (i + 1) .. "=" .. (i % 7) .. "/>"
    length = length + #text
  end
  return length
end

local function byFormat(count)
  local length = 0
  for i = 1, count do length = length + #format("%05d:%s:%x", i, "item", i) end
  return length
end

-- A string that grows by one character at a time, begun anew when it is 500 long.
local function byAppending(count)
  local text, rounds = "", 0
  for i = 1, count do
    text = text .. (i % 10)
    if #text == 500 then text, rounds = "", rounds + 1 end
  end
  return rounds * 500 + #text
end

local function digitsUpTo(count)
  local digits, low, width = 0, 1, 1
  while low <= count do
    local high = math.min(count, low * 10 - 1)
    digits = digits + (high - low + 1) * width
    low, width = low * 10, width + 1
  end
  return digits
end

local text = byBuffer(n)
if #text ~= digitsUpTo(n) + n then error("wrong length by buffer: " .. #text) end
local length = byExpression(n)
if length ~= digitsUpTo(n) + (digitsUpTo(n + 1) - 1) + n + 6 * n - n then error("wrong length by expression: " .. length) end
if byAppending(n) ~= n then error("wrong length by appending") end
local formatted = byFormat(n)
if #text:rep(3, ";") ~= 3 * #text + 2 then error("wrong length by repetition") end
if text:reverse():sub(1, 2) ~= "," .. n % 10 then error("wrong reversal") end
print(#text, length, formatted)
