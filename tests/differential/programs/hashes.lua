-- Checksums and digests by bitwise operators: CRC-32, Adler, FNV, xxh-like mixing, SHA-256, MD5.
local crcTable = {}
for i = 0, 255 do
  local c = i
  for _ = 1, 8 do c = c & 1 == 1 and 0xEDB88320 ~ (c >> 1) or c >> 1 end
  crcTable[i] = c
end
local function crc32(s)
  local c = 0xFFFFFFFF
  for i = 1, #s do c = crcTable[(c ~ s:byte(i)) & 0xFF] ~ (c >> 8) end
  return c ~ 0xFFFFFFFF
end
local function adler(s)
  local a, b = 1, 0
  for i = 1, #s do a = (a + s:byte(i)) % 65521 b = (b + a) % 65521 end
  return b << 16 | a
end
local function fnv(s)
  local h = 0xcbf29ce484222325
  for i = 1, #s do h = (h ~ s:byte(i)) * 0x100000001b3 end
  return h
end
local function primesFraction(count, power)
  local result, n = {}, 2
  while #result < count do
    local prime = true
    for d = 2, math.floor(n ^ 0.5) do if n % d == 0 then prime = false break end end
    if prime then
      local root = n ^ power
      result[#result + 1] = math.floor((root - math.floor(root)) * 2 ^ 32)
    end
    n = n + 1
  end
  return result
end
local K, H = primesFraction(64, 1 / 3), primesFraction(8, 1 / 2)
local M <const> = 0xFFFFFFFF
local function rotate(x, n) return (x >> n | x << (32 - n)) & M end
local function sha256(message)
  local h = { table.unpack(H) }
  local padded = message .. "\x80" .. ("\0"):rep((55 - #message) % 64) .. string.pack(">I8", #message * 8)
  for chunk = 1, #padded, 64 do
    local w = { string.unpack((">" .. ("I4"):rep(16)), padded, chunk) }
    for i = 17, 64 do
      local s0 = rotate(w[i - 15], 7) ~ rotate(w[i - 15], 18) ~ (w[i - 15] >> 3)
      local s1 = rotate(w[i - 2], 17) ~ rotate(w[i - 2], 19) ~ (w[i - 2] >> 10)
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & M
    end
    local a, b, c, d, e, f, g, hh = table.unpack(h)
    for i = 1, 64 do
      local s1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
      local t1 = (hh + s1 + ((e & f) ~ (~e & g)) + K[i] + w[i]) & M
      local s0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
      local t2 = (s0 + ((a & b) ~ (a & c) ~ (b & c))) & M
      hh, g, f, e, d, c, b, a = g, f, e, (d + t1) & M, c, b, a, (t1 + t2) & M
    end
    for i, v in ipairs { a, b, c, d, e, f, g, hh } do h[i] = (h[i] + v) & M end
  end
  return (("%08x"):rep(8)):format(table.unpack(h))
end
local shifts = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } }
local T = {}
for i = 1, 64 do T[i] = math.floor(math.abs(math.sin(i)) * 2 ^ 32) end
local function md5(message)
  local a0, b0, c0, d0 = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
  local padded = message .. "\x80" .. ("\0"):rep((55 - #message) % 64) .. string.pack("<I8", #message * 8)
  for chunk = 1, #padded, 64 do
    local m = { string.unpack("<" .. ("I4"):rep(16), padded, chunk) }
    local a, b, c, d = a0, b0, c0, d0
    for i = 0, 63 do
      local round, f, g = i // 16, nil, nil
      if round == 0 then f, g = (b & c) | (~b & d), i
      elseif round == 1 then f, g = (d & b) | (~d & c), (5 * i + 1) % 16
      elseif round == 2 then f, g = b ~ c ~ d, (3 * i + 5) % 16
      else f, g = c ~ (b | (~d & M)), 7 * i % 16 end
      f = (f + a + T[i + 1] + m[g + 1]) & M
      a, d, c = d, c, b
      local s = shifts[round + 1][i % 4 + 1]
      b = (b + ((f << s | f >> (32 - s)) & M)) & M
    end
    a0, b0, c0, d0 = (a0 + a) & M, (b0 + b) & M, (c0 + c) & M, (d0 + d) & M
  end
  return (string.pack("<I4I4I4I4", a0, b0, c0, d0):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end
for _, s in ipairs { "", "a", "abc", "message digest", "The quick brown fox jumps over the lazy dog", ("x"):rep(200) } do
  print(#s, ("%08x %08x %016x"):format(crc32(s), adler(s), fnv(s)))
  print(sha256(s))
  print(md5(s))
end
