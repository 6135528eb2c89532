-- Proper tail calls (manual 3.4.10): no stack is used, whatever is called and with however many arguments.

local deep = os.getenv "SELVAGE_GC_STRESS" and 3000 or 300000

-- Self and mutual recursion far beyond the stack's limit.
do
  local function countdown(n, acc)
    if n == 0 then return acc end
    return countdown(n - 1, acc + 1)
  end
  local turns = os.getenv "SELVAGE_GC_STRESS" and 3000 or 1000000
  assert(countdown(turns, 0) == turns)
  local isEven, isOdd
  function isEven(n) if n == 0 then return true end return isOdd(n - 1) end
  function isOdd(n) if n == 0 then return false end return isEven(n - 1) end
  assert(isEven(deep) and not isOdd(deep))
end

-- Callers and callees with different frame sizes and parameter counts.
do
  local small, large, wide
  function small(n) if n <= 0 then return "small" end return large(n - 1, 1, 2, 3, 4, 5, 6, 7, 8) end
  function large(n, a, b, c, d, e, f, g, h)
    local i, j, k, l, m = a + 1, b + 1, c + 1, d + 1, e + 1
    local o, p, q = { i }, { j }, k .. l .. m
    if #q ~= 3 or o[1] ~= 2 or p[1] ~= 3 or h ~= 8 then error "wrong arguments" end
    return wide(n - 1)
  end
  function wide(n, a, b)
    if a ~= nil or b ~= nil then error "arguments appeared" end
    return small(n)
  end
  assert(small(deep // 10 * 2) == "small")
end

-- Vararg functions on either side, growing and shrinking lists.
do
  local function rotate(n, first, ...)
    if n == 0 then return first, ... end
    if n % 3 == 0 then return rotate(n - 1, ..., first) end
    return rotate(n - 1, first, ...)
  end
  assert(rotate(3, "a", "b") == "b")
  local function collect(n, ...)
    if n == 0 then return select("#", ...) end
    return collect(n - 1, n, ...)
  end
  assert(collect(200) == 200)
  local function drop(n, ...)
    if n == 0 then return select("#", ...) end
    return drop(n - 1, select(2, ...))
  end
  assert(drop(150, table.unpack({}, 1, 200)) == 50)
  local fixed, variable
  function fixed(n, a) if n == 0 then return a end return variable(n - 1, a, n, n) end
  function variable(n, ...) if n == 0 then return ... end return fixed(n - 1, (...)) end
  assert(fixed(deep, "kept") == "kept")
end

-- Through __call, also chained, and through methods.
do
  local callable = setmetatable({}, {
    __call = function(self, n, acc)
      if n == 0 then return acc end
      return self(n - 1, acc + 1)
    end,
  })
  assert(callable(deep, 0) == deep)
  local inner = setmetatable({}, { __call = function(self, outer, n) if n == 0 then return "end" end return outer(n - 1) end })
  local outer = setmetatable({}, { __call = inner })
  assert(outer(deep // 10) == "end")
  local object = { n = 0 }
  function object:step(limit)
    if self.n == limit then return self end
    self.n = self.n + 1
    return self:step(limit)
  end
  assert(object:step(deep).n == deep)
end

-- To native functions, with errors, and results that vary.
do
  local function viaSelect(...) return select("#", ...) end
  assert(viaSelect(1, nil) == 2)
  local function viaPcall(f, ...) return pcall(f, ...) end
  local ok, message = viaPcall(error, "e", 0)
  assert(ok == false and message == "e")
  local function viaTostring(x) return tostring(x) end
  assert(viaTostring(12) == "12")
  local function viaNil() local f return f() end
  ok, message = pcall(viaNil)
  assert(not ok and message:find "attempt to call a nil value")
  local function results(n) if n == 0 then return 1, 2, 3 end return results(n - 1) end
  assert(select("#", results(100)) == 3 and (results(5)) == 1 and select("#", (results(5))) == 1)
  local t = { results(3), results(3) }
  assert(#t == 4)
end

-- Upvalues of a frame that a tail call abandons stay alive.
do
  local getters = {}
  local function chain(n)
    local mine = n * n
    getters[#getters + 1] = function() mine = mine + 1 return mine end
    if n == 0 then return #getters end
    return chain(n - 1)
  end
  assert(chain(50) == 51)
  assert(getters[1]() == 2501 and getters[1]() == 2502 and getters[51]() == 1 and getters[50]() == 2)
  local function parameter(n, f)
    if n == 0 then return f() end
    return parameter(n - 1, function() return n + f() end)
  end
  assert(parameter(100, function() return 0 end) == 5050)
end

-- In coroutines, across yields.
do
  local function pump(n, last)
    if n == 0 then return "done", last end
    return pump(n - 1, coroutine.yield(n))
  end
  local co = coroutine.wrap(pump)
  local turns = os.getenv "SELVAGE_GC_STRESS" and 100 or 5000
  assert(co(turns) == turns)
  for n = turns - 1, 1, -1 do assert(co(n) == n) end
  local word, last = co "last"
  assert(word == "done" and last == "last")
  local function yieldInTail(x) return coroutine.yield(x) end
  co = coroutine.wrap(function() return "result", yieldInTail(1) end)
  assert(co() == 1)
  local a, b = co(2)
  assert(a == "result" and b == 2)
end

-- A state machine whose states are functions.
do
  local states, log = {}, {}
  function states.start(input, i) return states[input:sub(i, i)](input, i + 1) end
  function states.a(input, i) log[#log + 1] = "a" return states.start(input, i) end
  function states.b(input, i) log[#log + 1] = "b" return states.start(input, i) end
  states[""] = function() return table.concat(log) end
  local word = ("aab"):rep(200)
  assert(states.start(word, 1) == word)
end

-- Not tail calls: (f()), f() and g, f() + 0, 1, f().
do
  local function f(n) if n == 0 then return 7, 8 end return f(n - 1) end
  local function cut(n) return (f(n)) end
  local function plus(n) return f(n) + 1 end
  local function list(n) return 1, f(n) end
  local function last(n) return f(n), 1 end
  assert(select("#", cut(3)) == 1 and plus(3) == 8 and select("#", list(3)) == 3 and select("#", last(3)) == 2)
end

print "ok"
