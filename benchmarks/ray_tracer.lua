-- A ray tracer for spheres over a chequered floor, with shadows and reflections. Vectors are objects with operators.
-- quick: 24
local n = tonumber(arg and arg[1]) or 260

local sqrt, floor, huge = math.sqrt, math.floor, math.huge

-- ---- vectors ----

local Vector = {}
Vector.__index = Vector

local function vector(x, y, z) return setmetatable({ x = x, y = y, z = z }, Vector) end

function Vector.__add(a, b) return vector(a.x + b.x, a.y + b.y, a.z + b.z) end
function Vector.__sub(a, b) return vector(a.x - b.x, a.y - b.y, a.z - b.z) end
function Vector.__mul(a, factor) return vector(a.x * factor, a.y * factor, a.z * factor) end
function Vector:dot(other) return self.x * other.x + self.y * other.y + self.z * other.z end
function Vector:unit() return self * (1 / sqrt(self:dot(self))) end

-- ---- things: each can say where a ray meets it, what its normal is there, and its colour ----

local Sphere = {}
Sphere.__index = Sphere

function Sphere.new(center, radius, colour, mirror)
  return setmetatable({ center = center, squared = radius * radius, tint = colour, mirror = mirror }, Sphere)
end

function Sphere:meet(origin, direction)
  local offset = origin - self.center
  local b = offset:dot(direction)
  local discriminant = b * b - offset:dot(offset) + self.squared
  if discriminant < 0 then return huge end
  local root = sqrt(discriminant)
  if -b - root > 1e-6 then return -b - root end
  if -b + root > 1e-6 then return -b + root end
  return huge
end

function Sphere:normal(point) return (point - self.center):unit() end
function Sphere:colour() return self.tint end

local Floor = {}
Floor.__index = Floor

function Floor.new(height, mirror) return setmetatable({ height = height, mirror = mirror, up = vector(0, 1, 0) }, Floor) end

function Floor:meet(origin, direction)
  if direction.y > -1e-9 then return huge end
  local distance = (self.height - origin.y) / direction.y
  return distance > 1e-6 and distance or huge
end

function Floor:normal() return self.up end
function Floor:colour(point) return (floor(point.x) + floor(point.z)) % 2 == 0 and 0.9 or 0.2 end

-- ---- tracing ----

local things = {
  Floor.new(-1, 0.1),
  Sphere.new(vector(0, 0, 4), 1, 0.8, 0.4),
  Sphere.new(vector(1.7, -0.3, 3), 0.7, 0.6, 0.2),
  Sphere.new(vector(-1.6, -0.4, 2.8), 0.6, 0.9, 0.6),
  Sphere.new(vector(0.4, 1.6, 5), 0.8, 0.5, 0.3),
}
local light = vector(-0.5, 1, -0.6):unit()

local function nearest(origin, direction)
  local best, distance = nil, huge
  for i = 1, #things do
    local candidate = things[i]:meet(origin, direction)
    if candidate < distance then best, distance = things[i], candidate end
  end
  return best, distance
end

local rays = 0

local function trace(origin, direction, depth)
  rays = rays + 1
  local thing, distance = nearest(origin, direction)
  if not thing then return 0.3 + 0.5 * math.max(0, direction.y) end
  local point = origin + direction * distance
  local normal = thing:normal(point)
  local brightness = 0.15
  local towardsLight = normal:dot(light)
  if towardsLight > 0 and not nearest(point, light) then brightness = brightness + 0.85 * towardsLight end
  local result = thing:colour(point) * brightness
  if depth > 0 and thing.mirror > 0 then
    local reflected = direction - normal * (2 * normal:dot(direction))
    result = result * (1 - thing.mirror) + trace(point, reflected, depth - 1) * thing.mirror
  end
  return result
end

local eye, sum = vector(0, 0.3, -2), 0
for row = 0, n - 1 do
  for column = 0, n - 1 do
    local x, y = (column + 0.5) / n * 2 - 1, 1 - (row + 0.5) / n * 2
    sum = sum + trace(eye, vector(x, y * 0.9, 1.6):unit(), 4)
  end
end
local average = sum / (n * n)
local known = { [24] = "0.419066 1127", [260] = "0.423884 132425" }
if known[n] and string.format("%.6f %d", average, rays) ~= known[n] then error("wrong picture: " .. average) end
print(string.format("%.6f %d", average, rays))
