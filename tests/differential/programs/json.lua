-- A JSON encoder and decoder, with errors that tell the position.
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\b"] = "\\b", ["\f"] = "\\f" }
local function quote(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end
local encode
local function encodeTable(t, indent)
  local inner, parts = indent .. "  ", {}
  if #t > 0 or next(t) == nil then
    for i, v in ipairs(t) do parts[i] = encode(v, inner) end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  for i, k in ipairs(keys) do parts[i] = inner .. quote(k) .. ": " .. encode(t[k], inner) end
  return "{\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "}"
end
function encode(value, indent)
  local kind = type(value)
  if kind == "table" then return encodeTable(value, indent or "") end
  if kind == "string" then return quote(value) end
  if kind == "number" or kind == "boolean" then return tostring(value) end
  error("cannot encode a " .. kind, 0)
end
local function decode(text)
  local position = 1
  local function fail(message) error(("%s at %d"):format(message, position), 0) end
  local function skip() position = text:find("%S", position) or #text + 1 end
  local parseValue
  local function parseString()
    local parts = {}
    position = position + 1
    while true do
      local stop = text:find('["\\]', position)
      if not stop then fail "unterminated string" end
      parts[#parts + 1] = text:sub(position, stop - 1)
      position = stop + 1
      if text:sub(stop, stop) == '"' then return table.concat(parts) end
      local c = text:sub(position, position)
      if c == "u" then
        local code = text:match("^%x%x%x%x", position + 1) or fail "bad escape"
        parts[#parts + 1] = utf8.char(tonumber(code, 16))
        position = position + 5
      else
        local plain = ({ n = "\n", t = "\t", r = "\r", b = "\b", f = "\f", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" })[c]
        parts[#parts + 1] = plain or fail "bad escape"
        position = position + 1
      end
    end
  end
  local function parseList(close, element)
    position = position + 1
    skip()
    if text:sub(position, position) == close then position = position + 1 return end
    while true do
      element()
      skip()
      local c = text:sub(position, position)
      position = position + 1
      if c == close then return end
      if c ~= "," then position = position - 1 fail("expected ',' or '" .. close .. "'") end
      skip()
    end
  end
  local words = { ["true"] = true, ["false"] = false, null = "null" }
  function parseValue()
    skip()
    local c = text:sub(position, position)
    if c == "{" then
      local object = {}
      parseList("}", function()
        if text:sub(position, position) ~= '"' then fail "expected a key" end
        local key = parseString()
        skip()
        if text:sub(position, position) ~= ":" then fail "expected ':'" end
        position = position + 1
        object[key] = parseValue()
      end)
      return object
    elseif c == "[" then
      local list = {}
      parseList("]", function() list[#list + 1] = parseValue() end)
      return list
    elseif c == '"' then
      return parseString()
    end
    local word = text:match("^%a+", position)
    if word and words[word] ~= nil then
      position = position + #word
      return words[word]
    end
    local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", position) or fail "unexpected character"
    position = position + #number
    return tonumber(number) or fail "bad number"
  end
  local value = parseValue()
  skip()
  if position <= #text then fail "trailing text" end
  return value
end
local data = {
  name = "selvage", version = 0.1, tags = { "vm", "jit", "lua" }, empty = {}, nested = { list = { 1, 2.5, -3, { deep = true } } },
  text = "line\nbreak \"quoted\" \\ tab\t bell\a", big = 1 << 60, off = false,
}
local encoded = encode(data)
print(encoded)
print(encode(decode(encoded)) == encoded)
for _, source in ipairs {
  "[1, 2.5e3, -0, 1E-2]", '"\\u0041\\u00e9\\u20ac"', "{}", "[]", " [ true , false , null ] ", '{"a": {"b": [{}, []]}}',
  "[1, 2", "{1: 2}", '{"a" 1}', "[1 2]", '"abc', "tru", "[1] x", '"\\q"', "", "-",
} do
  local ok, result = pcall(decode, source)
  print(source, ok, ok and encode(result) or result)
end
print(pcall(encode, { f = print }))
