-- Base 64, written and read with arithmetic only, three bytes at a time.
-- quick: 3000
local n = tonumber(arg and arg[1]) or 300000

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local byte, char, sub, floor = string.byte, string.char, string.sub, math.floor

local letters, values = {}, {}
for i = 0, 63 do
  letters[i] = sub(alphabet, i + 1, i + 1)
  values[byte(alphabet, i + 1)] = i
end

local function encode(text)
  local pieces, size = {}, #text
  for i = 1, size, 3 do
    local a, b, c = byte(text, i, i + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    pieces[#pieces + 1] = letters[floor(bits / 262144)] .. letters[floor(bits / 4096) % 64]
      .. (b and letters[floor(bits / 64) % 64] or "=") .. (c and letters[bits % 64] or "=")
  end
  return table.concat(pieces)
end

local function decode(text)
  local pieces = {}
  for i = 1, #text, 4 do
    local a, b, c, d = byte(text, i, i + 3)
    local x, y = values[c], values[d]
    local bits = values[a] * 262144 + values[b] * 4096 + (x or 0) * 64 + (y or 0)
    local first, second, third = floor(bits / 65536), floor(bits / 256) % 256, bits % 256
    if y then
      pieces[#pieces + 1] = char(first, second, third)
    elseif x then
      pieces[#pieces + 1] = char(first, second)
    else
      pieces[#pieces + 1] = char(first)
    end
  end
  return table.concat(pieces)
end

for _, case in ipairs({ { "M", "TQ==" }, { "Ma", "TWE=" }, { "Man", "TWFu" }, { "", "" } }) do
  if encode(case[1]) ~= case[2] or decode(case[2]) ~= case[1] then error("wrong code of " .. case[1]) end
end

local seed, bytes = 8, {}
for i = 1, n do
  seed = seed * 16807 % 2147483647
  bytes[i] = char(seed % 256)
end
local text = table.concat(bytes)
local code
for _ = 1, 4 do
  code = encode(text)
  if decode(code) ~= text then error("the text has changed") end
end
if #code ~= floor((n + 2) / 3) * 4 then error("wrong length: " .. #code) end
print(#code, code:sub(1, 16))
