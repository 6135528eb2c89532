-- The fast Fourier transform, forth and back: float arithmetic on two arrays with strides.
-- quick: 10
local n = tonumber(arg and arg[1]) or 18  -- logarithm of the number of points

local pi, sin, cos = math.pi, math.sin, math.cos

-- Puts element i at the place whose binary digits are those of i in reverse.
local function reverseBits(re, im, size)
  local j = 0
  for i = 0, size - 2 do
    if i < j then
      re[i + 1], re[j + 1] = re[j + 1], re[i + 1]
      im[i + 1], im[j + 1] = im[j + 1], im[i + 1]
    end
    local half = size / 2
    while half <= j do
      j = j - half
      half = half / 2
    end
    j = j + half
  end
end

local function transform(re, im, size, direction)
  reverseBits(re, im, size)
  local span = 1
  while span < size do
    local angle = direction * pi / span
    local stepRe, stepIm = cos(angle), sin(angle)
    local factorRe, factorIm = 1.0, 0.0
    for offset = 1, span do
      for low = offset, size, 2 * span do
        local high = low + span
        local oddRe = factorRe * re[high] - factorIm * im[high]
        local oddIm = factorRe * im[high] + factorIm * re[high]
        re[high], im[high] = re[low] - oddRe, im[low] - oddIm
        re[low], im[low] = re[low] + oddRe, im[low] + oddIm
      end
      factorRe, factorIm = factorRe * stepRe - factorIm * stepIm, factorRe * stepIm + factorIm * stepRe
    end
    span = span * 2
  end
end

local size = 1
for _ = 1, n do size = size * 2 end
local re, im, seed = {}, {}, 42
local samples, energy = {}, 0.0
for i = 1, size do
  seed = seed * 16807 % 2147483647
  local sample = seed / 2147483647 - 0.5
  re[i], im[i], samples[i] = sample, 0.0, sample
  energy = energy + sample * sample
end

transform(re, im, size, -1)
local spectrum = 0.0
for i = 1, size do spectrum = spectrum + re[i] * re[i] + im[i] * im[i] end
-- Parseval's theorem: the energy of the samples is that of the spectrum.
if math.abs(spectrum / size / energy - 1) > 1e-9 then error("wrong spectrum: " .. spectrum) end

transform(re, im, size, 1)
local worst = 0.0
for i = 1, size do worst = math.max(worst, math.abs(re[i] / size - samples[i]), math.abs(im[i] / size)) end
if worst > 1e-8 then error("the samples do not come back: " .. worst) end
print(string.format("%.6f", energy))
