-- inspect (Debian's lua-inspect): a table printer with cycles, metatables and filters.
-- Debian ships it for Lua 5.1 to 5.3 only; the file is the same for all.
package.path = package.path .. ";/usr/share/lua/5.3/?.lua"
local inspect = require "inspect"

local cyclic = {name = "loop", list = {1, 2, 3}}
cyclic.self = cyclic
cyclic.list[4] = cyclic.list
print(inspect(cyclic))
print(inspect(setmetatable({1, x = {y = {z = {}}}}, {__index = {hidden = true}}), {depth = 2}))
print(inspect {"quotes ' and \"", 'both "\'', "line\nbreak\ttab\0zero\127", "\\", [1.5] = -0.0, [true] = 1 / 0})
print(inspect({a = 1, b = {c = 2, secret = 3}}, {process = function(item, path)
  if path[#path] ~= "secret" then return item end
end}))
print(inspect({1, {2, {3}}}, {newline = "@", indent = "--"}))
for round = 1, 150 do
  local t = {}
  for i = 1, round % 7 do t[i] = {i, ["key" .. i] = i % 2 == 0, [i + 0.5] = tostring(i)} end
  print(round, (inspect(t):gsub("%s+", " ")))
end
