-- Classes with inheritance, calls of the parent's methods, accessors, class counters and type tests.
local Object = {}
Object.__index = Object
Object.className = "Object"
local metamethods = { "__tostring", "__eq", "__lt", "__le", "__add", "__len", "__call", "__concat" }
function Object:extend(name, fields)
  local class = fields or {}
  class.className, class.super, class.__index = name, self, class
  for _, event in ipairs(metamethods) do class[event] = rawget(class, event) or self[event] end
  return setmetatable(class, { __index = self, __call = function(c, ...)
    local object = setmetatable({}, c)
    object:initialize(...)
    return object
  end })
end
function Object:initialize() end
function Object:is(class)
  local c = getmetatable(self)
  while c do
    if c == class then return true end
    c = c.super
  end
  return false
end
function Object:__tostring() return "<" .. self.className .. ">" end
local Shape = Object:extend("Shape", { count = 0 })
function Shape:initialize(name)
  self.name = name
  Shape.count = Shape.count + 1
end
function Shape:area() return 0 end
function Shape:describe() return ("%s with area %.3f"):format(self.name, self:area()) end
Shape.__eq = function(a, b) return a:area() == b:area() end
Shape.__lt = function(a, b) return a:area() < b:area() end
Shape.__le = function(a, b) return a:area() <= b:area() end
local Rectangle = Shape:extend("Rectangle", { __eq = Shape.__eq, __lt = Shape.__lt, __le = Shape.__le })
function Rectangle:initialize(w, h, name)
  Shape.initialize(self, name or "rectangle")
  self.w, self.h = w, h
end
function Rectangle:area() return self.w * self.h end
function Rectangle.__add(a, b) return Rectangle(a.w + b.w, a.h + b.h, a.name .. "+" .. b.name) end
local Square = Rectangle:extend("Square", { __eq = Shape.__eq, __lt = Shape.__lt, __le = Shape.__le })
function Square:initialize(side) Rectangle.initialize(self, side, side, "square") end
function Square:describe() return Rectangle.describe(self) .. " and side " .. self.w end
local Circle = Shape:extend("Circle", { __eq = Shape.__eq, __lt = Shape.__lt, __le = Shape.__le })
function Circle:initialize(r)
  Shape.initialize(self, "circle")
  self.r = r
end
function Circle:area() return math.pi * self.r ^ 2 end
function Circle:__tostring() return "(" .. self.r .. ")" end
local shapes = { Square(3), Rectangle(2, 5), Circle(1.5), Square(1), Rectangle(1, 9), Shape "point" }
for _, shape in ipairs(shapes) do print(shape, shape:describe(), shape:is(Rectangle), shape:is(Shape), shape:is(Circle)) end
table.sort(shapes, function(a, b) return a:area() < b:area() end)
for i, shape in ipairs(shapes) do io.write(i, ":", shape.className, "=", ("%.2f"):format(shape:area()), " ") end
print()
print(Square(3) == Rectangle(1, 9), Square(2) == Square(3), Square(2) < Square(3), Circle(1) <= Square(1), Square(3) ~= Square(3))
local sum = Rectangle(1, 2) + Square(3)
print(sum:describe(), sum, Shape.count)
for i = 1, 300 do
  local s = i % 3 == 0 and Square(i % 7) or i % 3 == 1 and Rectangle(i % 5, 2) or Circle(i % 4)
  if i % 60 == 0 then print(i, s:describe()) end
end
print(Shape.count, rawget(Square, "count"), Square.count)
function Shape:describe() return "a " .. self.name end
for _, shape in ipairs(shapes) do print(shape:describe()) end
print(pcall(function() return Square(2):missing() end))
print(pcall(function() return Square(2) < 5 end))
