-- Random numbers and hashes with 64-bit integers: shifts, exclusive or, multiplication that wraps around.
-- needs: integers
-- quick: 5000
local n = tonumber(arg and arg[1]) or 2500000

-- xorshift64*
local function newGenerator(seed)
  local state = seed
  return function()
    state = state ~ (state >> 12)
    state = state ~ (state << 25)
    state = state ~ (state >> 27)
    return state * 0x2545F4914F6CDD1D
  end
end

-- FNV-1a over the eight bytes of an integer.
local function hash(value)
  local result = 0xcbf29ce484222325
  for _ = 1, 8 do
    result = (result ~ (value & 0xFF)) * 0x100000001b3
    value = value >> 8
  end
  return result
end

-- Exclusive or with a zero byte changes nothing: the hash of zero is the offset basis times the prime's eighth power.
local hashOfZero = 0xcbf29ce484222325
for _ = 1, 8 do hashOfZero = hashOfZero * 0x100000001b3 end
if hash(0) ~= hashOfZero then error("wrong hash of zero") end

local random = newGenerator(88172645463325252)
local buckets = {}
for i = 0, 63 do buckets[i] = 0 end
local mixed = 0
for _ = 1, n // 4 do
  local value = hash(random())
  buckets[value >> 58] = buckets[value >> 58] + 1
  mixed = mixed ~ value
end

local sum, expected = 0, n // 4 / 64
for i = 0, 63 do
  sum = sum + buckets[i]
  if math.abs(buckets[i] - expected) > 6 * math.sqrt(expected) + 6 then error("bucket " .. i .. " is unlikely") end
end
if sum ~= n // 4 then error("wrong sum: " .. sum) end

-- Parity of the bits by folding, against counting them.
local odd = 0
for _ = 1, n do
  local value = random()
  local folded = value ~ (value >> 32)
  folded = folded ~ (folded >> 16)
  folded = folded ~ (folded >> 8)
  folded = folded ~ (folded >> 4)
  odd = odd + ((0x6996 >> (folded & 15)) & 1)
end
if math.abs(odd - n / 2) > 4 * math.sqrt(n) then error("unlikely parity: " .. odd) end
local known = { [5000] = -2689279158129170952, [2500000] = -3038687784777529176 }
if known[n] and mixed ~= known[n] then error("wrong hash: " .. mixed) end
print(mixed, odd)
