-- Writing a document as JSON and reading it back: string building, character tests, nested tables.
-- quick: 40
local n = tonumber(arg and arg[1]) or 2500

local byte, char, find, format, sub = string.byte, string.char, string.find, string.format, string.sub
local concat, sort = table.concat, table.sort

-- ---- writing ----

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(c) return escapes[c] or format("\\u%04x", byte(c)) end

local function quote(text) return '"' .. text:gsub('[%c"\\]', escape) .. '"' end

local write

local function writeArray(array, pieces)
  pieces[#pieces + 1] = "["
  for i = 1, #array do
    if i > 1 then pieces[#pieces + 1] = "," end
    write(array[i], pieces)
  end
  pieces[#pieces + 1] = "]"
end

-- Keys in order, so that a document has one text.
local function writeObject(object, pieces)
  local keys = {}
  for key in pairs(object) do keys[#keys + 1] = key end
  sort(keys)
  pieces[#pieces + 1] = "{"
  for i, key in ipairs(keys) do
    if i > 1 then pieces[#pieces + 1] = "," end
    pieces[#pieces + 1] = quote(key)
    pieces[#pieces + 1] = ":"
    write(object[key], pieces)
  end
  pieces[#pieces + 1] = "}"
end

function write(value, pieces)
  local kind = type(value)
  if kind == "string" then
    pieces[#pieces + 1] = quote(value)
  elseif kind == "number" then
    pieces[#pieces + 1] = format("%.14g", value)
  elseif kind == "boolean" then
    pieces[#pieces + 1] = value and "true" or "false"
  elseif kind == "table" then
    if #value > 0 then writeArray(value, pieces) else writeObject(value, pieces) end
  else
    error("cannot write a " .. kind)
  end
end

local function encode(value)
  local pieces = {}
  write(value, pieces)
  return concat(pieces)
end

-- ---- reading ----

local read

local function skipSpace(text, position) return find(text, "[^ \t\r\n]", position) or #text + 1 end

local unescapes = { n = "\n", r = "\r", t = "\t", b = "\b", f = "\f", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function readString(text, position)
  local pieces, start = nil, position + 1
  position = start
  while true do
    local stop = find(text, '["\\]', position)
    if not stop then error("unfinished string") end
    if byte(text, stop) == 34 then
      local rest = sub(text, start, stop - 1)
      if not pieces then return rest, stop + 1 end
      pieces[#pieces + 1] = rest
      return concat(pieces), stop + 1
    end
    pieces = pieces or {}
    pieces[#pieces + 1] = sub(text, start, stop - 1)
    local code = sub(text, stop + 1, stop + 1)
    if code == "u" then
      pieces[#pieces + 1] = char(tonumber(sub(text, stop + 2, stop + 5), 16))
      position = stop + 6
    else
      pieces[#pieces + 1] = unescapes[code]
      position = stop + 2
    end
    start = position
  end
end

local function readArray(text, position)
  local array, count = {}, 0
  position = skipSpace(text, position + 1)
  if byte(text, position) == 93 then return array, position + 1 end
  while true do
    count = count + 1
    array[count], position = read(text, position)
    position = skipSpace(text, position)
    local c = byte(text, position)
    if c == 93 then return array, position + 1 end
    if c ~= 44 then error("no comma in array at " .. position) end
    position = position + 1
  end
end

local function readObject(text, position)
  local object = {}
  position = skipSpace(text, position + 1)
  if byte(text, position) == 125 then return object, position + 1 end
  while true do
    position = skipSpace(text, position)
    local key
    key, position = readString(text, position)
    position = skipSpace(text, position)
    if byte(text, position) ~= 58 then error("no colon at " .. position) end
    object[key], position = read(text, position + 1)
    position = skipSpace(text, position)
    local c = byte(text, position)
    if c == 125 then return object, position + 1 end
    if c ~= 44 then error("no comma in object at " .. position) end
    position = position + 1
  end
end

function read(text, position)
  position = skipSpace(text, position)
  local c = byte(text, position)
  if c == 34 then return readString(text, position) end
  if c == 123 then return readObject(text, position) end
  if c == 91 then return readArray(text, position) end
  if c == 116 and sub(text, position, position + 3) == "true" then return true, position + 4 end
  if c == 102 and sub(text, position, position + 4) == "false" then return false, position + 5 end
  local _, stop = find(text, "^-?%d+%.?%d*[eE]?[+-]?%d*", position)
  if not stop then error("unexpected character at " .. position) end
  return tonumber(sub(text, position, stop)), stop + 1
end

local function decode(text)
  local value, position = read(text, 1)
  if skipSpace(text, position) <= #text then error("something follows the document") end
  return value
end

-- ---- the run ----

local seed = 12345
local function random(limit)
  seed = seed * 16807 % 2147483647
  return seed % limit
end

local words = { "selvage", "warp", "weft", "shuttle", "loom", "bobbin", "heddle", "twill" }
local function newRecord(i)
  local tags, points = {}, {}
  for t = 1, 3 do tags[t] = words[random(#words) + 1] end
  for p = 1, 4 do points[p] = { x = random(1000) / 8, y = (random(1000) - 500) / 4 } end
  return {
    id = i, name = words[random(#words) + 1] .. "\t\"" .. i .. "\"", active = random(2) == 0, tags = tags,
    points = points, owner = { login = words[random(#words) + 1], since = 1990 + random(30), note = "line\nline \1" },
  }
end

local document = {}
for i = 1, n do document[i] = newRecord(i) end
local text = encode(document)
for _ = 1, 3 do
  local copy = decode(text)
  if #copy ~= n or copy[n].id ~= n or copy[1].owner.note ~= "line\nline \1" then error("the document has changed") end
  local again = encode(copy)
  if again ~= text then error("the text has changed") end
end
print(#text)
