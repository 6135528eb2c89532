-- The table library (manual 6.6); sort has a file of its own.

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), message)
end
local function is(t, ...)
  local n = select("#", ...)
  assert(#t == n, #t)
  for i = 1, n do assert(t[i] == select(i, ...), i) end
end

-- insert and remove.
do
  local t = {}
  table.insert(t, "a")
  table.insert(t, 1, "b")
  table.insert(t, 2, "c")
  table.insert(t, 4, "d")
  is(t, "b", "c", "a", "d")
  assert(table.remove(t, 1) == "b" and table.remove(t) == "d" and table.remove(t, 2) == "a")
  is(t, "c")
  assert(table.remove(t, 2) == nil and table.remove(t) == "c" and table.remove(t) == nil and next(t) == nil)
  assert(table.remove({}, 0) == nil and table.remove({ [0] = "zero" }, 0) == "zero")
  failsWith("position out of bounds", table.insert, { 1 }, 3, 2)
  failsWith("position out of bounds", table.insert, { 1 }, 0, 2)
  failsWith("position out of bounds", table.remove, { 1, 2 }, 4)
  failsWith("position out of bounds", table.remove, {}, -1)
  failsWith("wrong number of arguments to 'insert'", table.insert, {})
  failsWith("wrong number of arguments to 'insert'", table.insert, {}, 1, 2, 3)
  failsWith("table expected, got nil", table.insert, nil, 1)
  failsWith("number expected, got string", table.insert, {}, "a", 2)

  local queue = {}
  for i = 1, 2000 do table.insert(queue, 1, i) end
  for i = 1, 2000 do assert(queue[i] == 2001 - i) end
  for i = 1, 2000 do assert(table.remove(queue, 1) == 2001 - i) end
  assert(#queue == 0 and next(queue) == nil)

  -- Elements that did not begin in the array part.
  local sparse = {}
  for i = 50, 1, -1 do sparse[i] = i end
  table.insert(sparse, 1, "first")
  assert(#sparse == 51 and sparse[51] == 50 and table.remove(sparse, 25) == 24 and sparse[50] == 50 and #sparse == 50)
end

-- concat.
assert(table.concat { } == "" and table.concat { 1, 2.5, "x" } == "12.5x" and table.concat({ 1, 2, 3 }, "-") == "1-2-3")
assert(table.concat({ 1, 2, 3 }, ", ", 2) == "2, 3" and table.concat({ 1, 2, 3 }, ",", 2, 2) == "2")
assert(table.concat({ 1, 2 }, ",", 3) == "" and table.concat({ [5] = "five" }, "", 5, 5) == "five")
failsWith("invalid value (table) at index 2 in table for 'concat'", table.concat, { 1, {}, 3 })
failsWith("invalid value (nil) at index 3 in table for 'concat'", table.concat, { 1, 2 }, "", 1, 3)
failsWith("at index 9223372036854775807", table.concat, {}, "", math.maxinteger, math.maxinteger)
do
  local parts = {}
  for i = 1, 5000 do parts[i] = i % 10 end
  assert(#table.concat(parts) == 5000 and #table.concat(parts, "ab") == 14998)
end

-- pack and unpack.
do
  local packed = table.pack(nil, 2, nil)
  assert(packed.n == 3 and packed[1] == nil and packed[2] == 2 and table.pack().n == 0)
  assert(select("#", table.unpack({}, 1, 3)) == 3 and select("#", table.unpack {}) == 0)
  local a, b, c = table.unpack({ 1, 2, 3 }, 2)
  assert(a == 2 and b == 3 and c == nil)
  assert(select("#", table.unpack({}, 5, 4)) == 0 and table.unpack({ 1, 2 }, -1, 1) == nil)
  assert(table.unpack({ [math.maxinteger] = "end" }, math.maxinteger, math.maxinteger) == "end")
  local many = {}
  for i = 1, 10000 do many[i] = i end
  assert(select("#", table.unpack(many)) == 10000 and select(10000, table.unpack(many)) == 10000)
  failsWith("too many results to unpack", table.unpack, {}, 1, 1e8)
  failsWith("too many results to unpack", table.unpack, {}, math.mininteger, math.maxinteger)
end

-- move.
do
  is(table.move({ 1, 2, 3 }, 1, 3, 2), 1, 1, 2, 3)
  is(table.move({ 1, 2, 3 }, 2, 3, 1), 2, 3, 3)
  is(table.move({ 1, 2, 3 }, 1, 3, 1), 1, 2, 3)
  is(table.move({ 1, 2, 3 }, 2, 1, 7), 1, 2, 3)
  is(table.move({ 1, 2 }, 1, 2, 3, { "a", "b" }), "a", "b", 1, 2)
  is(table.move({ 1, 2, 3, 4, 5 }, 1, 4, 2), 1, 1, 2, 3, 4)
  local holes = table.move({ 1, nil, 3, 4 }, 2, 4, 1)
  assert(holes[1] == nil and holes[2] == 3 and holes[3] == 4 and holes[4] == 4)
  failsWith("too many elements to move", table.move, {}, math.mininteger, math.maxinteger, 1)
  failsWith("destination wrap around", table.move, { 1 }, 1, math.maxinteger, 2)
  failsWith("bad argument #4 to 'table.move' (number expected, got no value)", table.move, { 1 }, 1, 1)
end

-- Metamethods take part.
do
  local log = {}
  local proxy = setmetatable({}, {
    __index = function(_, i) return i * 10 end,
    __newindex = function(_, i, v) log[#log + 1] = i .. "=" .. tostring(v) end,
    __len = function() return 3 end,
  })
  table.insert(proxy, "x")
  assert(table.remove(proxy, 1) == 10)
  assert(table.concat(log, " ") == "4=x 1=20 2=30 3=nil", table.concat(log, " "))
  assert(table.concat(proxy, ",") == "10,20,30" and select("#", table.unpack(proxy)) == 3)
  is(table.move(proxy, 1, 3, 1, {}), 10, 20, 30)
  failsWith("object length is not an integer", table.insert, setmetatable({}, { __len = function() return "x" end }), 1)
  local frozen = setmetatable({ 1, 2 }, { __newindex = function() error "frozen" end })
  failsWith("frozen", table.insert, frozen, 3)
  assert(table.remove(frozen) == 2 and #frozen == 1)
end

-- Moving between tables, into what is there, right behind it, and with a gap
do
  local function sequence(n)
    local t = {}
    for i = 1, n do t[i] = i end
    return t
  end
  local source = sequence(100)
  for _, size in ipairs { 0, 1, 50, 100, 200 } do
    for _, to in ipairs { 1, 2, size, size + 1, size + 2, size + 50 } do
      for _, first in ipairs { 1, 40, 100 } do
        if to >= 1 then
          local target = sequence(size)
          assert(table.move(source, first, 100, to, target) == target)
          for i = 1, size + 200 do
            local moved = i - to + first
            local expected
            if i >= to and moved <= 100 then expected = moved elseif i <= size then expected = i end
            assert(target[i] == expected)
          end
          local last = math.max(size, to + 100 - first)
          if to <= size + 1 then assert(#target == last) end
          target[last + 1] = "next"
          assert(target[last + 1] == "next")
        end
      end
    end
  end
  -- behind the elements are keys in the hash part already
  local target = { 1, 2, 3 }
  target[6], target[5] = "six", "five"
  table.move(source, 11, 13, 4, target)
  is(target, 1, 2, 3, 11, 12, 13)
  -- the last of what is moved is nil
  local gaps = { 1, 2, 3, 4, 5, 6 }
  gaps[6], gaps[5] = nil, nil
  target = table.move(gaps, 3, 6, 3, { 7, 8, 9 })
  is(target, 7, 8, 3, 4)
  target = table.move({ nil, nil, "x" }, 1, 2, 1, { "a", "b" })
  assert(#target == 0 and next(target) == nil)
  -- metamethods have their say
  local log = {}
  local logging = setmetatable({}, { __newindex = function(t, k, v) log[#log + 1] = k .. v rawset(t, k, v) end })
  table.move({ "a", "b" }, 1, 2, 3, logging)
  assert(table.concat(log, " ") == "3a 4b" and logging[4] == "b")
  table.move(setmetatable({ "a" }, { __index = function(_, k) return "i" .. k end }), 1, 2, 1, log)
  assert(log[1] == "a" and log[2] == "i2")
  -- objects moved to an old table stay alive
  local old, young = {}, {}
  collectgarbage()
  for i = 1, 10 do young[i] = { i } end
  table.move(young, 1, 10, 1, old)
  young = nil
  collectgarbage()
  for i = 1, 10 do assert(old[i][1] == i) end
  local whole = {}
  for _ = 1, 50 do table.move(source, 1, 100, #whole + 1, whole) end
  assert(#whole == 5000 and whole[4999] == 99)
end

-- Releases differ in which argument is blamed.
failsWith(("bad argument #%d to 'remove' (position out of bounds)"):format(pcall(require, "selvage") and 2 or 1), function() table.remove({}, 5) end)
