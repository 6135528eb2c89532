-- lua-cjson, a C module of Debian's: encoding, decoding, options, errors, round trips.
local cjson = require "cjson"
local safe = require "cjson.safe"
print(cjson._NAME, cjson._VERSION, cjson.null == cjson.null, type(cjson.null), tostring(cjson.null):match "^userdata")

local function sortedKeys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end
local function show(value)
  if value == cjson.null then return "null" end
  if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
  local parts = {}
  for _, key in ipairs(sortedKeys(value)) do parts[#parts + 1] = tostring(key) .. "=" .. show(value[key]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- ---- decoding ----
for _, text in ipairs {
  "null", "true", "-12", "3.25", "1e3", "1E-2", "[]", "{}", '"text"', "[1,2,[3,[4]]]", '{"a":{"b":[true,false,null]}}',
  '"\\u00e9\\n\\t\\"\\\\\\/"', '"\\ud83d\\ude00"', "  [ 1 , 2 ]  ", "9007199254740993", "12345678901234567890", '{"":0}', "[0,-0]",
} do
  print(text, show(cjson.decode(text)))
end
for _, text in ipairs {
  "", "[1,2", "{1:2}", "nul", "[1,]", '{"a"}', '"\\x"', '"open', "1 2", "tru", "[1 2]", "\1", '"\\ud800"', ("["):rep(1100),
} do
  local ok, message = pcall(cjson.decode, text)
  print(ok, message)
  print(safe.decode(text))
end

-- ---- encoding ----
for _, value in ipairs {
  1, -1.5, 1e100, 2 ^ 53, true, "text", "quote\" back\\ slash/ tab\t nul\0 high\127 é", {}, { 1, 2, 3 }, { { {} } },
  { a = 1 }, cjson.null, { 1, nil, 3 }, { [1] = "a", [2] = "b" }, 12, 0.1, 123456789012,
} do
  print(cjson.encode(value))
end
local deep = {}
for i = 1, 1100 do deep = { deep } end
local cyclic = {}
cyclic[1] = cyclic
for _, value in ipairs { { print }, { [1.5] = 1 }, { [{}] = 1 }, 0 / 0, 1 / 0, deep, cyclic, { [1] = 1, [1000] = 2 } } do
  local ok, message = pcall(cjson.encode, value)
  print(ok, (tostring(message):gsub("0x%x+", "ADDRESS")))
  print(select("#", safe.encode(value)), (select(1, safe.encode(value))))
end

-- ---- options ----
print(cjson.encode_sparse_array(true), cjson.encode { [1] = 1, [5] = 5 })
cjson.encode_sparse_array(false)
print(cjson.encode_number_precision(3), cjson.encode(math.pi))
cjson.encode_number_precision(14)
print(cjson.encode_max_depth(2), pcall(cjson.encode, { { {} } }))
cjson.encode_max_depth(1000)
print(cjson.decode_max_depth(2), pcall(cjson.decode, "[[[1]]]"))
cjson.decode_max_depth(1000)
print(cjson.encode_invalid_numbers("null"), cjson.encode { 0 / 0, 1 / 0 })
cjson.encode_invalid_numbers(false)
print(cjson.decode_invalid_numbers(false), pcall(cjson.decode, "[0x10]"))
cjson.decode_invalid_numbers(true)
print(show(cjson.decode "[0x10, Infinity]"))
print(cjson.encode_keep_buffer(false), cjson.encode { "buffer" })
print(pcall(cjson.encode_max_depth, 0), pcall(cjson.encode_max_depth, {}))
-- Each instance has options of its own.
local other = cjson.new()
other.encode_number_precision(2)
print(other.encode(1 / 3), cjson.encode(1 / 3))

-- ---- round trips of generated data, long enough that everything gets compiled ----
local state = 42
local function random(n)
  state = (state * 1103515245 + 12345) % 2147483648
  return state // 65536 % n + 1
end
local function generate(depth)
  local kind = random(depth > 4 and 4 or 6)
  if kind == 1 then return random(1000) - 500 end
  if kind == 2 then return random(1000) / 8 end
  if kind == 3 then return random(2) == 1 end
  if kind == 4 then
    local characters = {}
    for i = 1, random(12) do characters[i] = string.char(31 + random(95)) end
    return table.concat(characters)
  end
  local t = {}
  if kind == 5 then
    for i = 1, random(6) do t[i] = generate(depth + 1) end
  else
    for i = 1, random(6) do t["key" .. i] = generate(depth + 1) end
  end
  return t
end
local bytes = 0
for i = 1, 400 do
  local value = { generate(1), generate(1) }
  local text = cjson.encode(value)
  assert(show(cjson.decode(text)) == show(cjson.decode(cjson.encode(cjson.decode(text)))))
  bytes = bytes + #text
end
print("bytes", bytes)
local rows = {}
for i = 1, 5000 do rows[i] = { id = i } end
local decoded = cjson.decode(cjson.encode(rows))
local sum = 0
for _, row in ipairs(decoded) do sum = sum + row.id end
print(#decoded, sum)
collectgarbage()
print(#cjson.encode(("x"):rep(300000)), #cjson.decode('"' .. ("y"):rep(300000) .. '"'))
