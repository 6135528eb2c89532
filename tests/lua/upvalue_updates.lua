-- `x = x + y` and `x = x - y` where x is an upvalue: numbers of all kinds, what is no number, and variables that are
-- changed from elsewhere meanwhile.

local function same(a, b) return math.type(a) == math.type(b) and (a == b or (a ~= a and b ~= b)) end

-- Each form against the same operation on locals, for many operands.
do
  local x
  local function addConstant() x = x + 3 return x end
  local function addFloatConstant() x = x + 0.5 return x end
  local function subConstant() x = x - 3 return x end
  local function subZero() x = x - 0 return x end
  local function addLocal(y) x = x + y return x end
  local function subLocal(y) x = x - y return x end
  local values = {0, 1, -7, math.maxinteger, math.mininteger, 0.0, -0.0, 2.5, 1e308, -1e308, 1 / 0, -1 / 0, 0 / 0, 2 ^ 53,
                  (1 << 53) + 1}
  for round = 1, 60 do
    for _, a in ipairs(values) do
      x = a; assert(same(addConstant(), a + 3))
      x = a; assert(same(addFloatConstant(), a + 0.5))
      x = a; assert(same(subConstant(), a - 3))
      x = a; subZero(); assert(same(x, a - 0) and (x ~= 0 or 1 / x == 1 / (a - 0)))
      for _, b in ipairs(values) do
        x = a; assert(same(addLocal(b), a + b))
        x = a; subLocal(b); assert(same(x, a - b) and (x ~= 0 or 1 / x == 1 / (a - b)))
      end
    end
  end
end

-- Strings are numbers here, too; what is none fails with the variable's name, and leaves it as it was.
do
  local x, y = "10", nil
  local function add(by) x = x + by end
  local function subtractTwo() y = y - 2 end
  add(1)
  assert(math.type(x) == "integer" and x == 11)
  add("0x10")
  assert(x == 27)
  x = "1.5"
  add("1")
  assert(x == 2.5)
  x = false
  local ok, message = pcall(add, 1)
  assert(not ok and message:find("attempt to perform arithmetic on a boolean value (upvalue 'x')", 1, true), message)
  assert(x == false)
  ok, message = pcall(subtractTwo)
  assert(not ok and message:find("attempt to perform arithmetic on a nil value (upvalue 'y')", 1, true), message)
  x = 1
  ok, message = pcall(add, {})
  assert(not ok and message:find("attempt to perform arithmetic on a table value (local 'by')", 1, true), message)
  assert(x == 1)
end

-- Metamethods, which may yield, fail or change the variable.
do
  local log = {}
  local Number = {}
  Number.__index = Number
  local function number(n) return setmetatable({n = n}, Number) end
  local function valueOf(v) return type(v) == "table" and v.n or v end
  local x = number(1)
  Number.__add = function(a, b)
    log[#log + 1] = "add"
    if valueOf(b) == 100 then coroutine.yield("paused") end
    if valueOf(b) == 7 then x = "lost" end
    return number(valueOf(a) + valueOf(b))
  end
  Number.__sub = function(a, b)
    if valueOf(b) == 0 then error("no zero") end
    return valueOf(a) - valueOf(b)
  end
  local function add(by) x = x + by end
  local function addFive() x = x + 5 end
  local function sub(by) x = x - by end
  add(2)
  addFive()
  add(7)
  assert(x.n == 15 and #log == 3)
  local co = coroutine.create(add)
  assert(select(2, coroutine.resume(co, 100)) == "paused" and x.n == 15)
  assert(coroutine.resume(co) and x.n == 115)
  assert(not pcall(sub, 0) and x.n == 115)
  sub(15)
  assert(x == 100)
  x = 1
  add(number(4))
  assert(x.n == 5)
end

-- The variable of a frame that still runs, of a coroutine that waits, and one that closures share.
do
  local total = 0
  local function note(n) total = total + n end
  for i = 1, 200 do
    note(i)
    total = total - 1
  end
  assert(total == 200 * 201 // 2 - 200)

  local function counter()
    local n = 0
    local step = coroutine.wrap(function()
      local inner = 10
      local function raise() inner = inner + 1; n = n + 1 return inner end
      while true do coroutine.yield(raise) raise() end
    end)
    return step, function() n = n + 0.5 return n end, function() n = n - 1 return n end
  end
  local step, up, down = counter()
  local raise = step()
  assert(raise() == 11 and up() == 1.5 and down() == 0.5)
  assert(step()() == 13 and up() == 3.0)
end

-- Integers become floats in the middle of a loop, and the other way round.
do
  local sum, count = 0, 0
  local function run(list)
    for i = 1, #list do
      local v = list[i]
      sum = sum + v
      count = count + 1
      sum = sum - 1
    end
  end
  local list = {}
  for i = 1, 3000 do list[i] = i end
  run(list)
  assert(math.type(sum) == "integer" and sum == 3000 * 3001 // 2 - 3000)
  list[1500] = 0.25
  run(list)
  assert(math.type(sum) == "float" and count == 6000)
  sum = 0
  list[1500] = 1500
  run(list)
  assert(math.type(sum) == "integer" and sum == 3000 * 3001 // 2 - 3000 and count == 9000)
end

-- Over several lines, and as a part of longer expressions and assignments.
do
  local a, b = 1, 2
  local function several()
    a = a
      + 5
    a, b = a + 1, b + a
    a = a + 1 + a
    b = 3 + b
    b = b + b
    b = b * 2 - 1
    return a, b
  end
  local x, y = several()
  assert(x == 15 and y == 43, x .. " " .. y)
end

-- A line hook sees each such line once, and what stands behind it as if nothing had jumped there.
do
  local x, y, lines = 0, {}, {}
  setmetatable(y, {__add = function(l) return l end})
  local function linesOf(f)
    lines = {}
    local first = debug.getinfo(f, "S").linedefined
    debug.sethook(function(_, line)
      line = line - first
      if line > 0 and line < 9 then lines[#lines + 1] = line end
    end, "l")
    f()
    debug.sethook()
    return table.concat(lines, " ")
  end
  local function plain()
    x = x + 1
    y = y + 1
    x = x - 2
  end
  local seen = linesOf(plain)
  assert(seen == "1 2 3 4", seen)
  local function loop()
    local i = 0
    while i < 2 do
      i = i + 1
      do
        x = x + i
      end
    end
  end
  seen = linesOf(loop)
  assert(seen == "1 2 3 5 6 2 3 5 6 2 8", seen)
  local function branches()
    for i = 1, 2 do
      if i == 1 then
        x = x + 1
      else
        x = x - 1
      end
    end
  end
  seen = linesOf(branches)
  assert(seen == "1 2 3 1 2 5 1 8", seen)
end

print "ok"
