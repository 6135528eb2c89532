local Point = {}
Point.__index = Point
Point.__add = function(a, b) return setmetatable({x = a.x + b.x, y = a.y + b.y}, Point) end
function Point:length() return (self.x ^ 2 + self.y ^ 2) ^ 0.5 end
local p = setmetatable({x = 1, y = 2}, Point) + setmetatable({x = 3, y = -4}, Point)
local list = {10, 20, 30, p:length(), n = 4, [100] = true, table.unpack {1, 2, 3}}
for k, v in pairs(list) do list[k] = v and tostring(v) .. k end
for i, v in ipairs(list) do list[#list + 1], list.n = v, i if i > 6 then break end end
return #list, list
