-- table.concat of every kind of list: all strings, numbers among them, long and short results, parts of lists, metamethods.

local function reference(t, separator, first, last)
  local text = ""
  for i = first, last do text = text .. t[i] .. (i < last and separator or "") end
  return text
end

local lists = { {}, { "" }, { "one" }, { "a", "b", "c" }, { 1, "two", 3.5 }, {} }
for i = 1, 100 do lists[6][i] = ("piece %d "):format(i) end
for _, list in ipairs(lists) do
  for _, separator in ipairs { "", ",", ", and then " } do
    for _, first in ipairs { 1, 2, 50 } do
      for _, last in ipairs { 0, 1, #list, #list - 1, 49 } do
        if last <= #list then
          assert(table.concat(list, separator, first, last) == reference(list, separator, first, last))
        end
      end
    end
    assert(table.concat(list, separator) == reference(list, separator, 1, #list))
  end
  assert(table.concat(list) == reference(list, "", 1, #list))
end
-- The border between short and long strings.
for length = 36, 44 do
  local list = {}
  for i = 1, length do list[i] = "x" end
  assert(table.concat(list) == ("x"):rep(length) and ({ [("x"):rep(length)] = true })[table.concat(list)])
end
assert(table.concat({ "a", "b" }, 1) == "a1b" and table.concat({ "a\0", "\0b" }, "\0") == "a\0\0\0b")
for _, bad in ipairs { { "a", nil, "c" }, { "a", {}, "c" }, { "a", true } } do
  local ok, message = pcall(table.concat, bad, ",", 1, 3)
  assert(not ok and message:find "invalid value %(%a+%) at index 2 in table for 'concat'")
end
assert(not pcall(table.concat, { "a" }, ",", 0) and not pcall(table.concat, { "a" }, ",", 1, 2))
local proxy = setmetatable({ "own" }, { __index = function(_, i) return "<" .. i .. ">" end, __len = function() return 3 end })
assert(table.concat(proxy, " ") == "own <2> <3>")
-- Large results, whose memory comes straight from the system.
local large = {}
for i = 1, 3000 do large[i] = ("%04d"):format(i):rep(300) end
local text = table.concat(large, "|")
assert(#text == 3000 * 1201 - 1 and text:sub(1, 4) == "0001" and text:sub(-4) == "3000" and text:sub(1202, 1205) == "0002")
