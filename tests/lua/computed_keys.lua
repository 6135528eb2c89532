-- t[k] with keys that only the running program knows: each kind of key, in every state that a table can be in, checked
-- against a model that never indexes by the key itself.

local rounds = os.getenv "SELVAGE_GC_STRESS" and 300 or 6000

-- The model: parallel lists searched by rawequal.
local function newModel() return { keys = {}, values = {}, count = 0 } end
local function find(model, key)
  for i = 1, model.count do
    if rawequal(model.keys[i], key) then return i end
  end
end
local function assign(model, key, value)
  local i = find(model, key)
  if not i then
    i = model.count + 1
    model.count, model.keys[i] = i, key
  end
  model.values[i] = value
end
local function lookup(model, key)
  local i = find(model, key)
  return i and model.values[i]
end

local function read(t, k) return t[k] end
local function write(t, k, v) t[k] = v end

-- Random stores, removals and reads with keys of each kind, in tables that begin as a record, an array, a dictionary.
do
  local seed = 17
  local function random(limit)
    seed = seed * 16807 % 2147483647
    return seed % limit + 1
  end
  local long = ("key "):rep(20)
  local objects = { {}, function() end, coroutine.create(print), io.stdout, print }
  local kinds = {
    function() return random(12) end,
    function() return random(12) - 6 end,
    function() return random(1 << 40) // (1 << random(40)) end,
    function() return random(12) + 0.0 end,
    function() return random(4) + 0.5 end,
    function() return "field" .. random(6) end,
    function() return "word" .. random(60) end,
    function() return long .. random(3) end,
    function() return "__index" end,
    function() return random(2) == 1 end,
    function() return objects[random(#objects)] end,
  }
  local starts = {
    function() return {}, newModel() end,
    function()
      local model = newModel()
      assign(model, "field1", 1)
      assign(model, "field2", 2)
      return { field1 = 1, field2 = 2 }, model
    end,
    function()
      local model = newModel()
      for i = 1, 5 do assign(model, i, i * i) end
      return { 1, 4, 9, 16, 25 }, model
    end,
    function()
      local t, model = {}, newModel()
      for i = 1, 40 do
        t["word" .. i] = i
        assign(model, "word" .. i, i)
      end
      return t, model
    end,
  }
  for _, start in ipairs(starts) do
    for _, withMetatable in ipairs { false, true } do
      local t, model = start()
      if withMetatable then setmetatable(t, { __name = "thing" }) end
      for round = 1, rounds // 8 do
        local key = kinds[random(#kinds)]()
        local normal = math.type(key) == "float" and math.tointeger(key) or key
        assert(read(t, key) == lookup(model, normal))
        local value = random(3) > 1 and round or nil
        write(t, key, value)
        assign(model, normal, value)
        assert(read(t, key) == value)
      end
      local present = 0
      for i = 1, model.count do
        assert(read(t, model.keys[i]) == model.values[i])
        if model.values[i] ~= nil then present = present + 1 end
      end
      for key, value in pairs(t) do
        present = present - 1
        assert(lookup(model, key) == value)
      end
      assert(present == 0)
    end
  end
end

-- An absent field that is remembered as absent, then is there; in the table and in what it inherits from.
do
  local t, other = { a = 1 }, { a = 2 }
  for round = 1, rounds // 20 do
    local key = "k" .. round % 5
    assert(read(t, key) == nil and read(other, key) == nil)
    t[key] = round
    assert(read(t, key) == round and read(other, key) == nil)
    write(t, key, nil)
    assert(read(t, key) == nil)
  end
  local base = {}
  local derived = setmetatable({}, { __index = base })
  for round = 1, rounds // 20 do
    local key = "b" .. round % 7
    assert(read(derived, key) == base[key])
    write(base, key, round)
    assert(read(derived, key) == round and rawget(derived, key) == nil)
    if round % 3 == 0 then write(base, key, nil) end
  end
end

-- Metamethods that come and go under hot accesses, for keys in each part of the table.
do
  local keys = { 1, 7, -3, 2.5, "name", "other", true, print, ("long"):rep(30) }
  for _, key in ipairs(keys) do
    for _, isDictionary in ipairs { false, true } do
      local log = {}
      local methods = {}
      local t = setmetatable({}, methods)
      if isDictionary then
        for i = 1, 70 do t["d" .. i] = i end
        for i = 1, 70 do t["d" .. i] = nil end
      end
      for round = 1, 40 do
        assert(read(t, key) == nil)
        write(t, key, round)
        assert(read(t, key) == round)
        write(t, key, nil)
        methods.__index = function(_, k) return k == key and "found" or "?" end
        methods.__newindex = function(_, k, v) log[#log + 1] = rawequal(k, key) and v or "?" end
        assert(read(t, key) == "found")
        write(t, key, round)
        assert(rawget(t, key) == nil and log[#log] == round)
        rawset(t, key, "raw")
        assert(read(t, key) == "raw")
        write(t, key, "changed")
        assert(read(t, key) == "changed" and #log == round)
        write(t, key, nil)
        methods.__index, methods.__newindex = nil, nil
      end
    end
  end
end

-- A metamethod's own name as a computed key.
do
  local meta = {}
  local t = setmetatable({}, meta)
  for round = 1, 50 do
    assert(read(t, "missing") == nil and not pcall(function() return t() end))
    write(meta, "__index", function() return round end)
    write(meta, "__call", function() return -round end)
    assert(read(t, "missing") == round and t() == -round)
    write(meta, "__index", nil)
    write(meta, "__call", nil)
  end
end

-- Arrays that shrink from their end, and holes.
do
  local t = {}
  for round = 1, 20 do
    for i = 1, 50 do write(t, i, i) end
    for i = 2, 49 do write(t, i, nil) end
    assert(read(t, 50) == 50 and read(t, 25) == nil)
    write(t, 50, nil)
    assert(#t == 1 and read(t, 50) == nil)
    write(t, 2.0, "two")
    assert(#t == 2)
    write(t, 2, nil)
    write(t, 1, nil)
    assert(#t == 0 and next(t) == nil)
  end
end

-- Keys that slide through a hash part, in windows of all sizes, and strided ones
do
  for _, window in ipairs { 1, 3, 7, 8, 30, 57, 64, 100 } do
    local t = { far = true, [-5] = "negative" }
    for i = 1000, 1000 + 20 * window + 200 do
      t[i] = i * 2
      t[i - window] = nil
      t[-i] = nil
    end
    local count = 0
    for k, v in pairs(t) do
      count = count + 1
      assert(k == "far" or k == -5 or v == k * 2)
    end
    assert(count == window + 2, window)
  end
  for _, stride in ipairs { 2, 57, 59, 60, 61, 63, 64, 100, 121, 128, 249, 256, 1000, 1024, 4096, 1 << 20, 1 << 40 } do
    local t = {}
    for i = 1, 300 do t[i * stride] = i end
    for i = 1, 300 do assert(t[i * stride] == i and t[i * stride + 1] == (stride == 1 and i + 1 or nil)) end
    for i = 300, 1, -2 do t[i * stride] = nil end
    local sum = 0
    for k, v in pairs(t) do
      assert(k == v * stride)
      sum = sum + v
    end
    assert(sum == 150 * 150)
  end
end

-- Booleans, floats and objects as keys, present, absent, overwritten, removed
do
  local function f() end
  local keys = { true, false, 0.5, -0.5, 1e300, math.huge, -math.huge, f, {}, coroutine.create(f), io.stdout }
  local t = {}
  for round = 1, 20 do
    for i, key in ipairs(keys) do
      assert(t[key] == nil)
      t[key] = i
      assert(t[key] == i)
      t[key] = round
      assert(t[key] == round)
    end
    assert(t[1 < 2] == round and t[1 > 2] == round and t[nil] == nil and t[0 / 0] == nil)
    for _, key in ipairs(keys) do t[key] = nil end
    assert(next(t) == nil)
  end
  assert(not pcall(function() t[nil] = 1 end) and not pcall(function() t[0 / 0] = 1 end))
  t[2.0] = "two"
  t[-0.0] = "zero"
  assert(t[2] == "two" and t[0] == "zero")
end
