-- Floats: modulo and floor division, whole and broken, with all signs and zeros.
local function modulo(a, b)
  local rest = math.fmod(a, b)
  if rest ~= 0 and (rest < 0) ~= (b < 0) then rest = rest + b end
  return rest
end
local values = {
  0.0, -0.0, 1.0, -1.0, 2.0, 3.0, -3.0, 0.5, -0.5, 1.5, 7.25, 1e15, -1e15, 2.0 ^ 53, 2.0 ^ 53 + 2, 2.0 ^ 63, -2.0 ^ 63,
  2.0 ^ 62, 1e300, 1e-300, math.huge, -math.huge, 4294967296.0, 4294967297.0,
}
local function same(x, y) return x == y and 1 / x == 1 / y or x ~= x and y ~= y end
local function check(a, b)
  local rest, quotient = a % b, a // b
  if b == 0 or a ~= a or a == math.huge or a == -math.huge then
    assert(rest ~= rest)
  elseif b == math.huge or b == -math.huge then
    assert(rest == a or rest == b)
  else
    assert(same(rest, modulo(a, b)), a .. " % " .. b)
  end
  local exact = a / b
  if exact == exact and exact ~= math.huge and exact ~= -math.huge then
    assert(quotient <= exact and quotient + 1 > exact or quotient == exact, a .. " // " .. b)
    if quotient == 0 then assert(1 / quotient == (1 / exact < 0 and exact == 0 and -math.huge or math.huge)) end
  end
end
for _ = 1, 3 do
  for _, a in ipairs(values) do
    for _, b in ipairs(values) do check(a, b) end
  end
end
print("ok")
