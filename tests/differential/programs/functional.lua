-- Higher-order functions, currying, composition, lazy streams, memoisation, Church numerals, Y combinator.
local function map(list, f) local r = {} for i, v in ipairs(list) do r[i] = f(v) end return r end
local function filter(list, p) local r = {} for _, v in ipairs(list) do if p(v) then r[#r + 1] = v end end return r end
local function fold(list, f, initial) for _, v in ipairs(list) do initial = f(initial, v) end return initial end
local function range(a, b, step) local r = {} for i = a, b, step or 1 do r[#r + 1] = i end return r end
local function compose(...)
  local functions = { ... }
  return function(...)
    local results = table.pack(...)
    for i = #functions, 1, -1 do results = table.pack(functions[i](table.unpack(results, 1, results.n))) end
    return table.unpack(results, 1, results.n)
  end
end
local function curry(f, n)
  local function collect(arguments, left)
    return function(x)
      local copy = { table.unpack(arguments) }
      copy[#copy + 1] = x
      if left == 1 then return f(table.unpack(copy)) end
      return collect(copy, left - 1)
    end
  end
  return collect({}, n)
end
local operators = { add = function(a, b) return a + b end, mul = function(a, b) return a * b end }
print(table.concat(map(range(1, 10), function(x) return x * x end), " "))
print(table.concat(filter(range(1, 30), function(x) return x % 7 == 3 end), " "))
print(fold(range(1, 10), operators.add, 0), fold(range(1, 20), operators.mul, 1), fold({ "a", "b" }, function(a, b) return b .. a end, ""))
print(compose(math.sqrt, function(x, y) return x * x + y * y end)(3, 4), compose()(1, 2, 3))
print(curry(function(a, b, c) return a .. b .. c end, 3)(1)(2)(3))
local calls = 0
local function memoise(f)
  local cache = {}
  return function(n)
    local value = cache[n]
    if value == nil then
      value = f(n)
      cache[n] = value
    end
    return value
  end
end
local fibonacci
fibonacci = memoise(function(n) calls = calls + 1 if n < 2 then return n end return fibonacci(n - 1) + fibonacci(n - 2) end)
print(fibonacci(60), calls)
local function stream(head, tail)
  return { head = head, tail = function(self) local value = tail() self.tail = function() return value end return value end }
end
local function from(n) return stream(n, function() return from(n + 1) end) end
local function take(s, n) local r = {} while n > 0 do r[#r + 1] = s.head n = n - 1 if n > 0 then s = s:tail() end end return r end
local function sieve(s)
  local p = s.head
  local function strain(t)
    while t.head % p == 0 do t = t:tail() end
    return stream(t.head, function() return strain(t:tail()) end)
  end
  return stream(p, function() return sieve(strain(s:tail())) end)
end
print(table.concat(take(sieve(from(2)), 20), " "))
local zero = function(f) return function(x) return x end end
local function successor(n) return function(f) return function(x) return f(n(f)(x)) end end end
local function plus(m, n) return function(f) return function(x) return m(f)(n(f)(x)) end end end
local function times(m, n) return function(f) return m(n(f)) end end
local function number(n) return n(function(x) return x + 1 end)(0) end
local three = successor(successor(successor(zero)))
print(number(three), number(plus(three, three)), number(times(three, plus(three, three))), three(function(s) return s .. "!" end) "wow")
local function fix(f) return (function(x) return f(function(...) return x(x)(...) end) end)(function(x) return f(function(...) return x(x)(...) end) end) end
print(fix(function(self) return function(n) return n == 0 and 1 or n * self(n - 1) end end)(15))
local function counter() local n = 0 return { up = function() n = n + 1 return n end, down = function() n = n - 1 return n end } end
local c1, c2 = counter(), counter()
for _ = 1, 5 do c1.up() end
c2.down()
print(c1.up(), c1.down(), c2.down(), c2.up())
local functions = {}
for i = 1, 3 do for j = 1, 3 do functions[#functions + 1] = function(k) i = i + k return i * j end end end
print(table.concat(map(functions, function(f) return f(1) end), " "), table.concat(map(functions, function(f) return f(10) end), " "))
