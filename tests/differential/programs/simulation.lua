-- Floating-point loops: planets, random walks, integrals, roots, matrices.
local bodies = {
  { 0, 0, 0, 0, 0, 0, 39.478 }, { 4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.0377 }, { 8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.0113 },
  { 12.89, -15.11, -0.22, 1.08, 0.868, -0.01, 0.0017 },
}
local function energy()
  local e = 0.0
  for i, b in ipairs(bodies) do
    e = e + 0.5 * b[7] * (b[4] ^ 2 + b[5] ^ 2 + b[6] ^ 2)
    for j = i + 1, #bodies do
      local c = bodies[j]
      e = e - b[7] * c[7] / math.sqrt((b[1] - c[1]) ^ 2 + (b[2] - c[2]) ^ 2 + (b[3] - c[3]) ^ 2)
    end
  end
  return e
end
local function advance(dt)
  for i = 1, #bodies do
    local b = bodies[i]
    for j = i + 1, #bodies do
      local c = bodies[j]
      local dx, dy, dz = b[1] - c[1], b[2] - c[2], b[3] - c[3]
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * math.sqrt(d2))
      b[4], b[5], b[6] = b[4] - dx * c[7] * mag, b[5] - dy * c[7] * mag, b[6] - dz * c[7] * mag
      c[4], c[5], c[6] = c[4] + dx * b[7] * mag, c[5] + dy * b[7] * mag, c[6] + dz * b[7] * mag
    end
  end
  for _, b in ipairs(bodies) do b[1], b[2], b[3] = b[1] + dt * b[4], b[2] + dt * b[5], b[3] + dt * b[6] end
end
print(("%.12f"):format(energy()))
for step = 1, 1000 do
  advance(0.01)
  if step % 250 == 0 then print(step, ("%.12f %.9f %.9f"):format(energy(), bodies[2][1], bodies[2][2])) end
end
local state = 42
local function random() state = (state * 1103515245 + 12345) % 2147483648 return state / 2147483648 end
local x, y, far = 0, 0, 0
for _ = 1, 2000 do
  local r = random()
  if r < 0.25 then x = x + 1 elseif r < 0.5 then x = x - 1 elseif r < 0.75 then y = y + 1 else y = y - 1 end
  far = math.max(far, x * x + y * y)
end
print(x, y, far)
local inside = 0
for _ = 1, 5000 do local a, b = random(), random() if a * a + b * b <= 1 then inside = inside + 1 end end
print(inside, 4 * inside / 5000)
local function integrate(f, a, b, n) local sum, h = 0, (b - a) / n for i = 0, n - 1 do sum = sum + f(a + (i + 0.5) * h) end return sum * h end
print(("%.10f %.10f %.10f"):format(integrate(math.sin, 0, math.pi, 1000), integrate(function(t) return t * t end, 0, 3, 100), integrate(math.exp, 0, 1, 500)))
local function newton(f, df, guess) for i = 1, 50 do local new = guess - f(guess) / df(guess) if math.abs(new - guess) < 1e-14 then return new, i end guess = new end end
print(newton(function(v) return v * v - 2 end, function(v) return 2 * v end, 1), newton(function(v) return v ^ 3 - 5 end, function(v) return 3 * v ^ 2 end, 2.0))
local function multiply(a, b)
  local c = {}
  for i = 1, #a do
    c[i] = {}
    for j = 1, #b[1] do
      local sum = 0
      for k = 1, #b do sum = sum + a[i][k] * b[k][j] end
      c[i][j] = sum
    end
  end
  return c
end
local function show(m) for _, row in ipairs(m) do print(table.concat(row, " ")) end end
local m = { { 1, 2, 3 }, { 0, 1, 4 }, { 5, 6, 0 } }
show(multiply(m, m))
show(multiply(m, { { 0.5, 1 }, { 1.5, 0 }, { -1, 2 } }))
local power = { { 1, 1 }, { 1, 0 } }
local result = { { 1, 0 }, { 0, 1 } }
for _ = 1, 92 do result = multiply(result, power) end
print(result[1][2], multiply(result, power)[1][2])
local function determinant(a)
  local n, det = #a, 1.0
  local c = {}
  for i = 1, n do c[i] = { table.unpack(a[i]) } end
  for i = 1, n do
    local pivot = i
    for r = i + 1, n do if math.abs(c[r][i]) > math.abs(c[pivot][i]) then pivot = r end end
    if c[pivot][i] == 0 then return 0 end
    if pivot ~= i then c[pivot], c[i] = c[i], c[pivot] det = -det end
    det = det * c[i][i]
    for r = i + 1, n do
      local factor = c[r][i] / c[i][i]
      for k = i, n do c[r][k] = c[r][k] - factor * c[i][k] end
    end
  end
  return det
end
print(("%.6f"):format(determinant(m)), determinant { { 1, 2 }, { 2, 4 } })
