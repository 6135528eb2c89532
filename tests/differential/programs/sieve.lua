-- Prime numbers by sieve, trial division and Miller-Rabin, and factorisations.
local function sieve(limit)
  local composite, primes = {}, {}
  for n = 2, limit do
    if not composite[n] then
      primes[#primes + 1] = n
      for multiple = n * n, limit, n do composite[multiple] = true end
    end
  end
  return primes
end
local primes = sieve(3000)
print(#primes, primes[1], primes[#primes], primes[100])
print(table.concat(primes, " ", 1, 30))

local function factors(n)
  local result = {}
  for _, p in ipairs(primes) do
    if p * p > n then break end
    while n % p == 0 do
      result[#result + 1] = p
      n = n // p
    end
  end
  if n > 1 then result[#result + 1] = n end
  return result
end
for _, n in ipairs { 2, 12, 97, 360, 1001, 65536, 999999, 1234567, 7654321, 2999 * 2971 } do
  print(n, table.concat(factors(n), "*"))
end

local function power(base, exponent, modulus)
  local result = 1
  base = base % modulus
  while exponent > 0 do
    if exponent & 1 == 1 then result = result * base % modulus end
    base = base * base % modulus
    exponent = exponent >> 1
  end
  return result
end
local function probablyPrime(n)
  if n < 2 then return false end
  for _, p in ipairs { 2, 3, 5, 7, 11, 13 } do
    if n % p == 0 then return n == p end
  end
  local d, s = n - 1, 0
  while d % 2 == 0 do d, s = d // 2, s + 1 end
  for _, witness in ipairs { 2, 3, 5, 7 } do
    local x = power(witness, d, n)
    if x ~= 1 and x ~= n - 1 then
      local composite = true
      for _ = 1, s - 1 do
        x = x * x % n
        if x == n - 1 then composite = false break end
      end
      if composite then return false end
    end
  end
  return true
end
local disagreements = 0
local set = {}
for _, p in ipairs(primes) do set[p] = true end
for n = 1, 3000 do
  if probablyPrime(n) ~= (set[n] or false) then disagreements = disagreements + 1 end
end
print("disagreements", disagreements)
for n = 1000000000, 1000000100 do if probablyPrime(n) then io.write(n, " ") end end
print()
