-- The generic for (manual 3.3.5): the four values, what each turn gets, closing value, callable iterators.

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(message, text, 1, true), message)
end

-- Plain function, state and control.
do
  local function step(limit, i)
    if i < limit then return i + 1, i * i end
  end
  local seen = {}
  for i, square in step, 5, 0 do seen[#seen + 1] = i .. ":" .. square end
  assert(table.concat(seen, " ") == "1:0 2:1 3:4 4:9 5:16")
end

-- The control variable is the loop's own: changing the visible variable does not matter.
do
  local seen = {}
  for i in function(_, i) if i < 4 then return i + 1 end end, nil, 0 do
    seen[#seen + 1] = i
    i = 100
  end
  assert(table.concat(seen, " ") == "1 2 3 4")
end

-- More variables than values, fewer variables than values, many variables.
do
  local turn = 0
  for a, b, c, d, e in function() turn = turn + 1 if turn == 1 then return 1, 2 end end do
    assert(a == 1 and b == 2 and c == nil and d == nil and e == nil)
  end
  turn = 0
  for a in function() turn = turn + 1 if turn < 3 then return turn, "x", "y", "z" end end do
    assert(a == turn)
  end
  turn = 0
  for a, b, c, d, e, f, g, h in function() turn = turn + 1 if turn == 1 then return 1, 2, 3, 4, 5, 6, 7, 8, 9 end end do
    assert(a + b + c + d + e + f + g + h == 36)
  end
end

-- Only nil ends the loop; false is a value.
do
  local values, index, count = { false, 0, "", true }, 0, 0
  for value in function() index = index + 1 return values[index] end do
    count = count + 1
    assert(value == values[count])
  end
  assert(count == 4)
end

-- Callable tables, iterators made by closures, varargs as the expression list.
do
  local counter = setmetatable({}, { __call = function(self, limit, i) if i < limit then return i + 1 end end })
  local sum = 0
  for i in counter, 4, 0 do sum = sum + i end
  assert(sum == 10)
  local nested = setmetatable({}, { __call = counter })
  failsWith("", function() for _ in setmetatable({}, { __call = 3 }), 1, 1 do end end)
  local function each(...)
    local total = 0
    for _, value in ipairs { ... } do total = total + value end
    return total
  end
  assert(each(1, 2, 3) == 6 and each() == 0)
  local function through(...)
    local n = 0
    for k, v in ... do n = n + v end
    return n
  end
  assert(through(pairs { a = 1, b = 2, 3 }) == 6)
  assert(nested ~= nil)
end

-- Errors in the header.
failsWith("attempt to call a nil value", function() for _ in nil do end end)
failsWith("attempt to call a table value", function() for _ in {} do end end)
failsWith("attempt to call a number value", function() for _ in 5 do end end)
failsWith("bad argument #1 to 'for iterator' (table expected, got nil)", function() for _ in next do end end)
failsWith("inside", function() for _ in function() error "inside" end do end end)

-- Closures capture this turn's variables.
do
  local functions = {}
  for index, word in ipairs { "a", "b", "c" } do
    functions[index] = function() word = word .. index return word end
  end
  assert(functions[1]() == "a1" and functions[1]() == "a11" and functions[2]() == "b2" and functions[3]() == "c3")
end

-- The closing value is closed on every way out.
do
  local log = {}
  local function open(name, limit)
    local closing = setmetatable({}, {
      __close = function(_, err) log[#log + 1] = name .. ":" .. tostring(err) end,
    })
    return function(_, i) if i < limit then return i + 1 end end, nil, 0, closing
  end
  local function last()
    return log[#log]
  end
  for _ in open("end", 3) do assert(#log == 0) end
  assert(last() == "end:nil" and #log == 1)
  for i in open("break", 3) do if i == 2 then break end end
  assert(last() == "break:nil" and #log == 2)
  local function leave()
    for i in open("return", 3) do if i == 2 then return i, #log end end
  end
  local value, count = leave()
  assert(value == 2 and count == 2 and last() == "return:nil" and #log == 3)
  local ok, message = pcall(function() for _ in open("error", 3) do error("oops", 0) end end)
  assert(not ok and message == "oops" and last() == "error:oops")
  for i in open("goto", 3) do
    if i == 2 then goto out end
  end
  ::out::
  assert(last() == "goto:nil")
  for i in open("outer", 2) do
    for j in open("inner" .. i, 2) do
      if j == 2 then goto continue end
    end
    ::continue::
  end
  assert(table.concat(log, " ", #log - 2) == "inner1:nil inner2:nil outer:nil")
  local routine = coroutine.wrap(function() for i in open("coroutine", 3) do coroutine.yield(i) end return "over" end)
  assert(routine() == 1 and routine() == 2 and routine() == 3 and last() ~= "coroutine:nil" and routine() == "over")
  assert(last() == "coroutine:nil")
  failsWith("got a non-closable value", function() for _ in next, {}, nil, {} do end end)
  for _ in next, {}, nil, false do end
  for _ in next, {}, nil, nil do end
end

-- Yielding inside iterators.
do
  local function walk(tree)
    if tree then
      walk(tree.left)
      coroutine.yield(tree.value)
      walk(tree.right)
    end
  end
  local function insert(tree, value)
    if not tree then return { value = value } end
    local side = value < tree.value and "left" or "right"
    tree[side] = insert(tree[side], value)
    return tree
  end
  local tree
  for _, value in ipairs { 5, 2, 8, 1, 9, 3 } do tree = insert(tree, value) end
  local seen = {}
  for value in coroutine.wrap(function() walk(tree) end) do seen[#seen + 1] = value end
  assert(table.concat(seen) == "123589")
end

-- pairs honours __pairs, ipairs honours __index, both stop where they should.
do
  local proxy = setmetatable({}, {
    __pairs = function(self) return function(_, k) if not k then return 1, "one" end end, self, nil end,
  })
  local count = 0
  for k, v in pairs(proxy) do
    assert(k == 1 and v == "one")
    count = count + 1
  end
  assert(count == 1)
  local virtual = setmetatable({}, { __index = function(_, i) if i <= 5 then return i * 10 end end })
  local sum = 0
  for _, v in ipairs(virtual) do sum = sum + v end
  assert(sum == 150)
  local holes = { 1, 2, nil, 4 }
  local n = 0
  for _ in ipairs(holes) do n = n + 1 end
  assert(n == 2)
end

-- pairs in a hot loop, with the iteration function replaced now and then.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 30 or 600
  local data = { 10, 20, 30, x = 1, y = 2 }
  local function total(iterate, t)
    local sum = 0
    for _, v in iterate(t) do sum = sum + v end
    return sum
  end
  local function doubled(t)
    local f, s, c = pairs(t)
    return function(state, key)
      local k, v = f(state, key)
      return k, v and 2 * v
    end, s, c
  end
  for round = 1, rounds do
    assert(total(pairs, data) == 63 and total(ipairs, data) == 60)
    if round % 13 == 0 then assert(total(doubled, data) == 126) end
    if round % 17 == 0 then assert(total(pairs, {}) == 0) end
  end
end

-- Clearing and overwriting existing fields while traversing.
do
  local t = {}
  for i = 1, 50 do t[i] = i; t["k" .. i] = i end
  local count = 0
  for k in pairs(t) do
    t[k] = nil
    count = count + 1
  end
  assert(count == 100 and next(t) == nil)
  for i = 1, 20 do t["k" .. i] = i end
  for k, v in pairs(t) do t[k] = v * 2 end
  for i = 1, 20 do assert(t["k" .. i] == 2 * i) end
end

print "ok"
