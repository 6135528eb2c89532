-- The checksum CRC-32 of a text, by table, with Lua 5.3's bit operators on integers.
-- needs: integers
-- quick: 2000
local n = tonumber(arg and arg[1]) or 400000

local remainders = {}
for i = 0, 255 do
  local value = i
  for _ = 1, 8 do
    if value & 1 == 1 then value = (value >> 1) ~ 0xEDB88320 else value = value >> 1 end
  end
  remainders[i] = value
end

local function crc32(text)
  local value = 0xFFFFFFFF
  for i = 1, #text do value = remainders[(value ~ text:byte(i)) & 0xFF] ~ (value >> 8) end
  return value ~ 0xFFFFFFFF
end

-- The same without a table, to check against.
local function crc32ByBits(text)
  local value = 0xFFFFFFFF
  for i = 1, #text do
    value = value ~ text:byte(i)
    for _ = 1, 8 do value = (value >> 1) ~ (0xEDB88320 & -(value & 1)) end
  end
  return ~value & 0xFFFFFFFF
end

if crc32("123456789") ~= 0xCBF43926 then error("wrong checksum of the digits") end

local pieces, state = {}, 1
for i = 1, n do
  state = state * 6364136223846793005 + 1442695040888963407
  pieces[i] = string.char(state >> 56)
end
local text = table.concat(pieces)
local checksum
for _ = 1, 10 do checksum = crc32(text) end
if checksum ~= crc32ByBits(text) then error(string.format("wrong checksum: %08x", checksum)) end
print(string.format("%08x", checksum))
