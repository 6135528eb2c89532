-- Vectors of two numbers, as values: operators make new ones.
local Vector = {}
Vector.__index = Vector

function Vector.new(x, y) return setmetatable({x = x, y = y}, Vector) end

function Vector.__add(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
function Vector.__sub(a, b) return Vector.new(a.x - b.x, a.y - b.y) end
function Vector.__unm(a) return Vector.new(-a.x, -a.y) end
function Vector.__mul(a, b)
  if type(a) == "number" then return Vector.new(a * b.x, a * b.y) end
  return Vector.new(a.x * b, a.y * b)
end
function Vector.__eq(a, b) return a.x == b.x and a.y == b.y end
function Vector.__tostring(a) return string.format("(%g, %g)", a.x, a.y) end

function Vector:length() return math.sqrt(self.x * self.x + self.y * self.y) end

-- The same direction with another length; a vector without direction stays as it is.
function Vector:withLength(length)
  local own = self:length()
  if own == 0 then return self end
  return self * (length / own)
end

-- No longer than a length.
function Vector:limited(length)
  if self:length() <= length then return self end
  return self:withLength(length)
end

function Vector.ofAngle(angle) return Vector.new(math.cos(angle), math.sin(angle)) end

return Vector
