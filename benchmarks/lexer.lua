-- A lexer for Lua, character by character with string.byte, run on a source text that it makes first.
-- quick: 20
local n = tonumber(arg and arg[1]) or 6000

local byte, sub = string.byte, string.sub

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch("%a+") do
  keywords[word] = true
end

local isDigit, isLetter, isSpace = {}, {}, {}
for c = 0, 255 do
  local text = string.char(c)
  isDigit[c] = text:find("^%d") ~= nil
  isLetter[c] = text:find("^[%a_]") ~= nil
  isSpace[c] = text:find("^%s") ~= nil
end

local newline, quote, backslash, minus, dot, equals = 10, 34, 92, 45, 46, 61
local doubled = { [60] = true, [61] = true, [62] = true, [126] = true }  -- < = > ~ may be followed by =

-- Calls emit(kind, text) for each token and returns the number of lines.
local function scan(source, emit)
  local position, size, line = 1, #source, 1
  while position <= size do
    local c = byte(source, position)
    if c == newline then
      line = line + 1
      position = position + 1
    elseif isSpace[c] then
      position = position + 1
    elseif isLetter[c] then
      local start = position
      repeat
        position = position + 1
        c = byte(source, position)
      until not (isLetter[c] or isDigit[c])
      local word = sub(source, start, position - 1)
      emit(keywords[word] and "keyword" or "name", word)
    elseif isDigit[c] then
      local start = position
      repeat
        position = position + 1
        c = byte(source, position)
      until not (isDigit[c] or c == dot)
      emit("number", sub(source, start, position - 1))
    elseif c == quote then
      local start = position
      repeat
        position = position + 1
        c = byte(source, position)
        if c == backslash then position = position + 1 end
        if not c then error("unfinished string in line " .. line) end
      until c == quote
      position = position + 1
      emit("string", sub(source, start + 1, position - 2))
    elseif c == minus and byte(source, position + 1) == minus then
      repeat
        position = position + 1
        c = byte(source, position)
      until c == newline or not c
    elseif doubled[c] and byte(source, position + 1) == equals then
      emit("symbol", sub(source, position, position + 1))
      position = position + 2
    else
      emit("symbol", sub(source, position, position))
      position = position + 1
    end
  end
  return line
end

-- Each function has 9 lines, 41 tokens and an empty line after it.
local pieces = {}
for i = 1, n do
  pieces[i] = ([[
local function step@(first, second)  -- number @
  local total_@ = 0
  while first <= second do
    total_@ = total_@ + first * 3.25
    first = first + 1
  end
  if total_@ ~= 17 then return "odd \"@\"" end
  return nil
end
]]):gsub("@", i)
end
local source = table.concat(pieces, "\n")

for _ = 1, 3 do
  local counts, length = { keyword = 0, name = 0, number = 0, string = 0, symbol = 0 }, 0
  local lines = scan(source, function(kind, text)
    counts[kind] = counts[kind] + 1
    length = length + #text
  end)
  if lines ~= 10 * n then error("wrong number of lines: " .. lines) end
  local expected = { keyword = 13, name = 12, number = 4, string = 1, symbol = 11 }
  for kind, count in pairs(expected) do
    if counts[kind] ~= count * n then error("wrong number of tokens: " .. kind .. " " .. counts[kind] / n) end
  end
  if length >= #source then error("too many characters in tokens") end
end
print(#source)
