-- The sun and the four giant planets under gravity, step by step: float arithmetic on object fields.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 250000

local sqrt = math.sqrt
local solarMass = 4 * math.pi * math.pi
local daysPerYear = 365.24

-- Positions in astronomical units, velocities (given per day) in units per year, masses in solar masses.
local function newBody(x, y, z, vx, vy, vz, mass)
  return {
    x = x, y = y, z = z,
    vx = vx * daysPerYear, vy = vy * daysPerYear, vz = vz * daysPerYear,
    mass = mass * solarMass,
  }
end

local bodies = {
  newBody(0, 0, 0, 0, 0, 0, 1),
  newBody(4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
    1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05, 9.54791938424326609e-04),
  newBody(8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
    -2.76742510726411913e-03, 4.99852801234917238e-03, 2.30417297573763929e-05, 2.85885980666130812e-04),
  newBody(1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
    2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05, 4.36624404335156298e-05),
  newBody(1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
    2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05, 5.15138902046611451e-05),
}

-- Gives the sun the velocity that leaves the whole system at rest.
local function balance()
  local px, py, pz = 0, 0, 0
  for _, body in ipairs(bodies) do
    px = px + body.vx * body.mass
    py = py + body.vy * body.mass
    pz = pz + body.vz * body.mass
  end
  local sun = bodies[1]
  sun.vx, sun.vy, sun.vz = -px / solarMass, -py / solarMass, -pz / solarMass
end

local function energy()
  local total = 0
  for i, body in ipairs(bodies) do
    total = total + 0.5 * body.mass * (body.vx ^ 2 + body.vy ^ 2 + body.vz ^ 2)
    for j = i + 1, #bodies do
      local other = bodies[j]
      local dx, dy, dz = body.x - other.x, body.y - other.y, body.z - other.z
      total = total - body.mass * other.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return total
end

local function advance(dt)
  local count = #bodies
  for i = 1, count do
    local body = bodies[i]
    local x, y, z, mass = body.x, body.y, body.z, body.mass
    local vx, vy, vz = body.vx, body.vy, body.vz
    for j = i + 1, count do
      local other = bodies[j]
      local dx, dy, dz = x - other.x, y - other.y, z - other.z
      local squared = dx * dx + dy * dy + dz * dz
      local strength = dt / (squared * sqrt(squared))
      local mine, theirs = other.mass * strength, mass * strength
      vx, vy, vz = vx - dx * mine, vy - dy * mine, vz - dz * mine
      other.vx = other.vx + dx * theirs
      other.vy = other.vy + dy * theirs
      other.vz = other.vz + dz * theirs
    end
    body.vx, body.vy, body.vz = vx, vy, vz
    body.x, body.y, body.z = x + dt * vx, y + dt * vy, z + dt * vz
  end
end

balance()
local before = energy()
for _ = 1, n do advance(0.01) end
local after = energy()

-- Energy is what this integrator keeps, but for an error that does not grow.
if math.abs((after - before) / before) > 1e-4 then error("energy is not conserved: " .. after) end
if math.abs(before + 0.169075164) > 1e-8 then error("wrong energy to begin with: " .. before) end
print(string.format("%.9f %.9f", before, after))
