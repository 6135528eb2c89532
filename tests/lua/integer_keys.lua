-- Tables with number keys (manual 2.1 and 3.4.7): normalised floats, arrays that grow and shrink at both ends, and
-- the length operator's border.

local n = os.getenv "SELVAGE_GC_STRESS" and 100 or 3000

-- The length of t must be a border.
local function isBorder(t)
  local length = #t
  return math.type(length) == "integer" and (length == 0 or t[length] ~= nil) and t[length + 1] == nil
end

-- Float keys with integer values are integer keys; others are not.
do
  local t = {}
  t[1.0], t[2] = "one", "two"
  assert(t[1] == "one" and t[2.0] == "two" and #t == 2 and next({ [3.0] = 1 }) == 3 and math.type(next { [3.0] = 1 }) == "integer")
  t[2 ^ 53] = "p53"
  assert(t[1 << 53] == "p53" and t[(1 << 53) + 1] == nil)
  t[-0.0] = "zero"
  assert(t[0] == "zero" and t[0.0] == "zero" and math.type(next { [-0.0] = 1 }) == "integer")
  t[2 ^ 63] = "float"
  assert(t[2 ^ 63] == "float" and t[math.maxinteger] == nil and t[math.mininteger] == nil)
  t[-2.0 ^ 63] = "min"
  assert(t[math.mininteger] == "min")
  t[1.5], t["1"], t["1.0"] = 1.5, "string", "string float"
  assert(t[1] == "one" and t[1.5] == 1.5 and t["1"] == "string" and t["1.0"] == "string float")
  t[math.huge], t[-math.huge] = "inf", "-inf"
  assert(t[math.huge] == "inf" and t[1 / 0] == "inf" and t[-1 / 0] == "-inf")
  assert(not pcall(function() t[0 / 0] = 1 end) and t[0 / 0] == nil)
  local constructor = { [1.0] = "a", [2.0] = "b", "c" }
  assert(constructor[1] == "c" and constructor[2] == "b")
end

-- Appending by every idiom.
do
  local a, b, c, d = {}, {}, {}, {}
  for i = 1, n do
    a[#a + 1] = i
    b[i] = i
    table.insert(c, i)
    d[i + 0.0] = i
    assert(#a == i and #b == i and #c == i and #d == i)
  end
  for i = 1, n do assert(a[i] == i and b[i] == i and c[i] == i and d[i] == i) end
  assert(a[0] == nil and a[n + 1] == nil and a[-1] == nil)
  for i = n, 1, -1 do
    a[#a] = nil
    assert(#a == i - 1)
    assert(table.remove(c) == i)
  end
  assert(next(a) == nil and next(c) == nil)
  for i = 1, 10 do a[#a + 1] = "again" .. i end
  assert(#a == 10 and a[10] == "again10")
end

-- Filled backwards, from the middle, in random order, with stride: all elements found, proper length in the end.
do
  local backward = {}
  for i = n, 1, -1 do
    backward[i] = i
    assert(isBorder(backward))
  end
  assert(#backward == n)
  local middle = {}
  for i = 0, n // 2 - 1 do
    middle[n // 2 + i] = i
    middle[n // 2 - i] = i
    assert(isBorder(middle))
  end
  for i = 1, n - 1 do assert(middle[i] == math.abs(n // 2 - i)) end
  assert(#middle == n - 1)
  local stride = {}
  for offset = 1, 7 do
    for i = offset, n, 7 do stride[i] = -i end
    assert(isBorder(stride))
  end
  assert(#stride == n)
  for i = 1, n do assert(stride[i] == -i) end
  local scattered, position = {}, 1
  for i = 1, n do
    position = position * 16807 % 2147483647
    scattered[position % 5000] = i
    assert(isBorder(scattered))
  end
end

-- Holes: the length is some border, and elements beyond the hole stay.
do
  local t = {}
  for i = 1, 64 do t[i] = i end
  for hole = 1, 63 do
    t[hole] = nil
    assert(isBorder(t))
    for i = 1, 64 do assert((t[i] == nil) == (i == hole)) end
    t[hole] = hole
    assert(#t == 64)
  end
  t[64] = nil
  assert(#t == 63)
  for i = 63, 1, -1 do
    t[i] = nil
    assert(#t == i - 1)
  end
  for i = 1, 64 do t[i] = i end
  for i = 1, 64 do
    t[i] = nil
    assert(isBorder(t))
  end
  assert(next(t) == nil and #t == 0)
  assert(isBorder { 1, nil, 3 } and isBorder { nil, nil, 3 } and isBorder { nil } and #{ n = 1 } == 0)
  assert(isBorder { 1, 2, nil, 4, nil } and isBorder { [1] = 1, [2] = 2, [4] = 4 })
  assert(#{ 1, 2, 3, nil } == 3 and #{ nil, nil } == 0)
end

-- Zero, negative and huge keys live beside the array.
do
  local t = {}
  for i = -50, 50 do t[i] = i end
  assert(#t == 50)
  local sum, count = 0, 0
  for k, v in pairs(t) do
    assert(k == v)
    sum = sum + v
    count = count + 1
  end
  assert(sum == 0 and count == 101)
  t[math.maxinteger], t[math.mininteger], t[math.maxinteger - 1] = "max", "min", "max-1"
  assert(t[math.maxinteger] == "max" and t[math.mininteger] == "min" and #t == 50)
  local function at(i) return t[i] end
  assert(at(math.maxinteger - 1) == "max-1" and at(math.maxinteger - 2) == nil and at(1 << 32) == nil and at(-(1 << 32)) == nil)
  t[(1 << 32) + 1] = "above 32 bits"
  assert(at(1) == 1 and at((1 << 32) + 1) == "above 32 bits" and at(-1) == -1)
  t[(1 << 31)] = "2^31"
  assert(at(1 << 31) == "2^31" and at(-(1 << 31)) == nil)
  local top = { [math.maxinteger] = true }
  assert(#top == 0)
end

-- Big sparse tables cost what they hold.
do
  local t = {}
  for i = 1, n do t[i * 1000003] = i end
  for i = 1, n do assert(t[i * 1000003] == i and t[i * 1000003 + 1] == nil) end
  assert(isBorder(t))
  local count = 0
  for _ in pairs(t) do count = count + 1 end
  assert(count == n)
  for i = 1, n do t[i * 1000003] = nil end
  assert(next(t) == nil)
  local powers = {}
  for i = 0, 62 do powers[1 << i] = i end
  for i = 0, 62 do assert(powers[1 << i] == i) end
  assert(isBorder(powers))
end

-- Elements move from the hash to the array when the gap before them is filled.
do
  local t = {}
  for i = 2, 100 do t[i] = i end
  assert(isBorder(t))
  t[1] = 1
  assert(#t == 100)
  for i = 101, 200 do t[i] = i end
  assert(#t == 200)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  for i = 1, 200 do assert(keys[i] == i) end
  assert(#keys == 200)
  local u = { [4] = "d", [3] = "c", [2] = "b" }
  u[1] = "a"
  assert(#u == 4 and table.concat(u) == "abcd")
end

-- A queue that slides upward and a deque around zero.
do
  local queue, first, last = {}, 1, 0
  for i = 1, n do
    last = last + 1
    queue[last] = i
    if i % 3 ~= 0 then
      assert(queue[first] ~= nil)
      queue[first] = nil
      first = first + 1
    end
  end
  local count = 0
  for k, v in pairs(queue) do
    assert(k == v)
    count = count + 1
  end
  assert(count == last - first + 1)
  local deque, left, right = {}, 0, 0
  for i = 1, n do
    if i % 2 == 0 then
      left = left - 1
      deque[left] = i
    else
      deque[right] = i
      right = right + 1
    end
  end
  for i = left, right - 1 do assert(deque[i] ~= nil) end
  assert(deque[left - 1] == nil and deque[right] == nil and right - left == n)
end

-- Constructors with positions, ranges over the size that one instruction can store.
do
  for _, size in ipairs { 0, 1, 2, 3, 4, 5, 49, 50, 51, 100, 127, 128, 255, 256, 511, 512, 513, 1000 } do
    local items = {}
    for i = 1, size do items[i] = tostring(i) end
    local t = load("return { " .. table.concat(items, ", ") .. " }")()
    assert(#t == size and t[size] == (size > 0 and size or nil) and t[size + 1] == nil)
    local u = load("local function two() return 'x', 'y' end return { " .. table.concat(items, ", ") .. (size > 0 and ", " or "") .. "two() }")()
    assert(#u == size + 2 and u[size + 1] == "x" and u[size + 2] == "y")
  end
  local mixed = { "a", x = 1, "b", [10] = "ten", "c", y = 2, [3] = "overwritten", nil, "e" }
  assert(mixed[1] == "a" and mixed[2] == "b" and mixed[3] == "c" and mixed[4] == nil and mixed[5] == "e" and mixed[10] == "ten")
end

-- Two-dimensional arrays with computed indices of both subtypes.
do
  local grid = {}
  for y = 1, 20 do
    grid[y] = {}
    for x = 1, 20 do grid[y][x] = y * 100 + x end
  end
  local sum = 0
  for y = 20, 1, -1 do
    for x = 1.0, 20.0 do sum = sum + grid[y][x] - grid[y * 1.0][21 - x] end
  end
  assert(sum == 0.0)
  local flat = {}
  for y = 0, 19 do
    for x = 0, 19 do flat[y * 20 + x + 1] = grid[y + 1][x + 1] end
  end
  assert(#flat == 400 and flat[400] == 2020 and flat[21] == 201)
end

-- rawlen, rawget, rawset and table functions see the same.
do
  local t = setmetatable({}, { __len = function() return 100 end, __index = function() return "default" end })
  rawset(t, 1, "one")
  assert(#t == 100 and rawlen(t) == 1 and rawget(t, 2) == nil and t[2] == "default" and t[1] == "one")
end

print "ok"
