-- Complex numbers, vectors and rationals by metatables; the discrete Fourier transform.
local Complex = {}
Complex.__index = Complex
local function complex(re, im) return setmetatable({ re = re, im = im or 0 }, Complex) end
local function lift(z) return type(z) == "number" and complex(z) or z end
function Complex.__add(a, b) a, b = lift(a), lift(b) return complex(a.re + b.re, a.im + b.im) end
function Complex.__sub(a, b) a, b = lift(a), lift(b) return complex(a.re - b.re, a.im - b.im) end
function Complex.__mul(a, b) a, b = lift(a), lift(b) return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re) end
function Complex.__div(a, b)
  a, b = lift(a), lift(b)
  local d = b.re * b.re + b.im * b.im
  return complex((a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d)
end
function Complex.__unm(a) return complex(-a.re, -a.im) end
function Complex.__pow(a, n) local r = complex(1) for _ = 1, n do r = r * a end return r end
function Complex.__eq(a, b) return a.re == b.re and a.im == b.im end
function Complex.__len(a) return math.sqrt(a.re ^ 2 + a.im ^ 2) end
function Complex.__tostring(a) return ("%.4g%+.4gi"):format(a.re, a.im) end
function Complex.__concat(a, b) return tostring(a) .. tostring(b) end
function Complex.__call(a, scale) return a * scale end
function Complex:conjugate() return complex(self.re, -self.im) end
local i = complex(0, 1)
local z, w = 3 + 4 * i, 1 - 2 * i
print(z, w, z + w, z - w, z * w, z / w, -z, z ^ 3, #z, z:conjugate(), z(2))
print(z == complex(3, 4), z ~= w, z .. w, "z=" .. z, 1 + z, z - 1, 2 * z, z / 2, i * i == complex(-1))
print(pcall(function() return z < w end))
print(pcall(function() return z + "x" end))
local function transform(values, sign)
  local n = #values
  if n == 1 then return { values[1] } end
  local even, odd = {}, {}
  for k = 1, n, 2 do
    even[#even + 1] = values[k]
    odd[#odd + 1] = values[k + 1]
  end
  even, odd = transform(even, sign), transform(odd, sign)
  local result = {}
  for k = 1, n / 2 do
    local angle = sign * 2 * math.pi * (k - 1) / n
    local t = complex(math.cos(angle), math.sin(angle)) * odd[k]
    result[k], result[k + n // 2] = even[k] + t, even[k] - t
  end
  return result
end
local signal = {}
for k = 1, 16 do signal[k] = complex(math.sin(k) + (k % 3) / 2) end
local spectrum = transform(signal, -1)
for k = 1, 16 do print(k, ("%.6f %.6f"):format(spectrum[k].re + 0.0, spectrum[k].im + 0.0)) end
local back = transform(spectrum, 1)
local worst = 0
for k = 1, 16 do worst = math.max(worst, #(back[k] / 16 - signal[k])) end
print(worst < 1e-12)
local Rational = {}
Rational.__index = Rational
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end
local function rational(n, d)
  d = d or 1
  if d < 0 then n, d = -n, -d end
  local g = gcd(math.abs(n), d)
  return setmetatable({ n = n // g, d = d // g }, Rational)
end
Rational.__add = function(a, b) return rational(a.n * b.d + b.n * a.d, a.d * b.d) end
Rational.__mul = function(a, b) return rational(a.n * b.n, a.d * b.d) end
Rational.__lt = function(a, b) return a.n * b.d < b.n * a.d end
Rational.__le = function(a, b) return a.n * b.d <= b.n * a.d end
Rational.__eq = function(a, b) return a.n == b.n and a.d == b.d end
Rational.__tostring = function(a) return a.n .. "/" .. a.d end
local sum = rational(0)
for k = 1, 20 do sum = sum + rational(1, k) end
print(sum, rational(2, 4) == rational(1, 2), rational(1, 3) < rational(1, 2), rational(3, -6), rational(1, 2) <= rational(1, 2))
