-- Garbage collection (manual 2.5 and collectgarbage in 6.1): weak tables, ephemerons, finalizers, resurrection.

local stress = os.getenv "SELVAGE_GC_STRESS"
local function full()
  collectgarbage()
  collectgarbage()
end
local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

-- Weak values: collectable ones go, others and those held elsewhere stay.
do
  local weak = setmetatable({}, { __mode = "v" })
  local kept = {}
  local function fill()
    for i = 1, 20 do
      local object = { i }
      weak[i] = object
      weak["k" .. i] = object
      if i % 2 == 0 then kept[i] = object end
    end
    weak.number, weak.text, weak.truth = 5, "text", true
    weak.closure = function() return kept end
    weak.thread = coroutine.create(print)
    weak[{}] = "by a strong key"
  end
  fill()
  full()
  assert(weak[2] == kept[2] and weak.k4 == kept[4] and weak[20][1] == 20)
  assert(weak[1] == nil and weak.k3 == nil and weak.closure == nil and weak.thread == nil)
  assert(weak.number == 5 and weak.text == "text" and weak.truth == true)
  assert(count(weak) == 20 + 3 + 1)
end

-- Weak keys: the entry goes with its key; strings and numbers as keys stay.
do
  local weak = setmetatable({}, { __mode = "k" })
  local kept = { {}, {} }
  local function fill()
    for i = 1, 20 do weak[{}] = i end
    weak[kept[1]] = "first"
    weak[kept[2]] = {}
    weak.text = {}
    weak[1] = {}
    weak[1.5] = {}
    weak[function() return weak end] = 1
  end
  fill()
  full()
  assert(count(weak) == 5 and weak[kept[1]] == "first" and type(weak[kept[2]]) == "table" and weak.text and weak[1])
end

-- Ephemerons: a value that refers to its own key, chains of them, and a chain through several tables.
do
  local weak = setmetatable({}, { __mode = "k" })
  local function fill()
    for _ = 1, 20 do
      local key = {}
      weak[key] = { key }
    end
    local a, b, c = {}, {}, {}
    weak[a], weak[b], weak[c] = b, c, a
  end
  fill()
  full()
  assert(next(weak) == nil)
  local other = setmetatable({}, { __mode = "k" })
  local root = {}
  local function chain()
    local key = root
    for i = 1, 20 do
      local following = { i }
      local target = i % 2 == 0 and weak or other
      target[key] = following
      key = following
    end
  end
  chain()
  full()
  assert(count(weak) == 10 and count(other) == 10)
  local key = root
  for i = 1, 20 do
    key = (i % 2 == 0 and weak or other)[key]
    assert(key[1] == i)
  end
  key, root = nil, nil
  full()
  assert(next(weak) == nil and next(other) == nil)
  local functions = setmetatable({}, { __mode = "k" })
  do
    local k = {}
    functions[k] = function() return k end
  end
  full()
  assert(next(functions) == nil)
end

-- Both weak, and __mode that is changed later.
do
  local both = setmetatable({}, { __mode = "kv" })
  local object = {}
  both[object] = {}
  both[1] = {}
  both[{}] = object
  both[object] = object
  full()
  assert(count(both) == 1 and both[object] == object)
  local metatable = {}
  local t = setmetatable({ {}, {} }, metatable)
  full()
  assert(#t == 2)
  metatable.__mode = "v"
  setmetatable(t, metatable)
  full()
  assert(next(t) == nil)
end

-- A weak table keeps working while it is cleared and refilled.
do
  local cache = setmetatable({}, { __mode = "v" })
  local rounds = stress and 5 or 50
  for round = 1, rounds do
    local strong = {}
    for i = 1, 20 do
      local object = cache[i] or { i }
      cache[i] = object
      if i % 3 == 0 then strong[#strong + 1] = object end
    end
    full()
    for i = 1, 20 do assert((cache[i] ~= nil) == (i % 3 == 0) and (not cache[i] or cache[i][1] == i)) end
  end
end

-- Finalizers: called once with the object, in the reverse order of marking, all of them.
do
  local order = {}
  local metatable = { __gc = function(object) order[#order + 1] = object.name end }
  local function make()
    for i = 1, 10 do setmetatable({ name = i }, metatable) end
  end
  collectgarbage "stop"  -- the order is that of one collection
  make()
  collectgarbage "restart"
  full()
  assert(table.concat(order, " ") == "10 9 8 7 6 5 4 3 2 1")
  full()
  assert(#order == 10)
end
-- Objects that refer to each other are all still usable in their finalizers.
do
  local sum = 0
  local metatable = { __gc = function(object) sum = sum + object.partner.value end }
  local function make()
    local a = setmetatable({ value = 1 }, metatable)
    local b = setmetatable({ value = 10, partner = a }, metatable)
    a.partner = b
  end
  make()
  full()
  assert(sum == 11)
end

-- Resurrection: the object lives on, is not finalized again unless it is marked again.
do
  local saved, finalized = nil, 0
  local metatable = {}
  metatable.__gc = function(object)
    finalized = finalized + 1
    saved = object
  end
  local function make() setmetatable({ data = { "inside" } }, metatable) end
  make()
  full()
  assert(finalized == 1 and saved.data[1] == "inside")
  saved = nil
  full()
  assert(finalized == 1)
  make()
  full()
  setmetatable(saved, metatable)
  saved = nil
  full()
  assert(finalized == 3 and saved)
end
-- Weak values to a resurrected object are cleared before its finalizer, weak keys after it.
do
  local values = setmetatable({}, { __mode = "v" })
  local keys = setmetatable({}, { __mode = "k" })
  local inFinalizer
  local function make()
    local object = setmetatable({}, { __gc = function(self) inFinalizer = { values[1], keys[self] } end })
    values[1] = object
    keys[object] = "still here"
  end
  make()
  full()
  assert(inFinalizer[1] == nil and inFinalizer[2] == "still here")
  full()
  assert(next(keys) == nil)
end

-- Finalizers that allocate, collect, make more objects with finalizers, fail.
do
  local made, limit = 0, 20
  local metatable = {}
  metatable.__gc = function()
    local waste = {}
    for i = 1, 20 do waste[i] = { tostring(i) } end
    if made < limit then
      made = made + 1
      setmetatable({}, metatable)
    end
  end
  setmetatable({}, metatable)
  for _ = 1, limit + 5 do collectgarbage() end
  assert(made == limit)
  local called = 0
  setmetatable({}, { __gc = function() called = called + 1 collectgarbage() collectgarbage "step" end })
  full()
  assert(called == 1)
  setmetatable({}, { __gc = function() called = called + 1 error "in a finalizer: only a warning" end })
  setmetatable({}, { __gc = function() called = called + 1 end })
  full()
  assert(called == 3)
end

-- Finalizers of objects reachable from coroutines, closures and upvalues wait.
do
  local finalized = 0
  local function new() return setmetatable({}, { __gc = function() finalized = finalized + 1 end }) end
  local co = coroutine.wrap(function()
    local object = new()
    coroutine.yield()
    return object
  end)
  co()
  local get
  do
    local object = new()
    get = function() return object end
  end
  full()
  assert(finalized == 0 and get())
  co = nil
  full()
  assert(finalized == 1)
  get = nil
  full()
  assert(finalized == 2)
end

-- collectgarbage's options.
do
  local kilobytes = collectgarbage "count"
  assert(math.type(kilobytes) == "float" and kilobytes > 0)
  local size = stress and 20 or 2000
  local held = {}
  for i = 1, size do held[i] = { i, tostring(i) } end
  assert(collectgarbage "count" > kilobytes)
  held = nil
  full()
  assert(collectgarbage "count" < kilobytes + 200)
  assert(collectgarbage() == 0 and collectgarbage "collect" == 0)
  assert(collectgarbage "isrunning" == true)
  assert(collectgarbage "stop" == 0 and collectgarbage "isrunning" == false)
  if not stress then
    local weak = setmetatable({ {} }, { __mode = "v" })
    for _ = 1, 2000 do local _ = {} end
    assert(weak[1])
  end
  assert(collectgarbage "restart" == 0 and collectgarbage "isrunning" == true)
  assert(type(collectgarbage("step", 0)) == "boolean")
  collectgarbage "incremental"
  local finished = false
  for _ = 1, 100000 do
    finished = collectgarbage("step", 10)
    if finished then break end
  end
  assert(finished)
  -- Steps add up: small ones take more calls than large ones, and a large one is a whole cycle.
  local function stepsOf(kilobytes)
    collectgarbage()
    local steps = 0
    repeat steps = steps + 1 until collectgarbage("step", kilobytes)
    return steps
  end
  if not stress then
    assert(collectgarbage "stop" == 0)
    assert(stepsOf(10) < stepsOf(2) and stepsOf(2) > 1)
    assert(stepsOf(100000) == 1 and collectgarbage("step", 100000) and collectgarbage("step", 1 << 20))
    local pause = collectgarbage("setstepmul", 1000)
    assert(stepsOf(2) < 20000 and collectgarbage("setstepmul", pause) == 1000)
    assert(collectgarbage "restart" == 0)
  end
  assert(collectgarbage("setpause", 150) and collectgarbage("setpause", 200) == 148)  -- kept as a quarter
  assert(collectgarbage "incremental" == "incremental")
  assert(collectgarbage "generational" == "incremental")
  assert(collectgarbage "step" == (pcall(require, "selvage")))  -- each is a whole cycle; the reference never says so
  assert(collectgarbage("generational", 20, 100) == "generational")
  assert(collectgarbage("incremental", 200, 100, 13) == "generational")
  assert(type(collectgarbage("setpause", 200)) == "number" and type(collectgarbage("setstepmul", 100)) == "number")
  assert(not pcall(collectgarbage, "unknown") and not pcall(collectgarbage, 5, {}))
end

-- Old objects that come to refer to new ones, in either mode (the write barrier).
for _, mode in ipairs { "generational", "incremental" } do
  collectgarbage(mode)
  local old = { list = {}, byKey = {}, nested = { {} } }
  local box = nil
  local function keep(value) box = value end
  local function get() return box end
  local co = coroutine.wrap(function()
    local held
    while true do held = coroutine.yield(held) or held end
  end)
  co()
  local weakKeyed = setmetatable({}, { __mode = "k" })
  local metatableHolder = {}
  full()
  local rounds = stress and 20 or 300
  for i = 1, rounds do
    old.list[i] = { i }
    old.byKey["key" .. i] = "value" .. i
    old.nested[1].latest = { { i } }
    keep { i }
    co { i }
    weakKeyed[old.list[i]] = { i }
    setmetatable(metatableHolder, { __index = { value = i } })
    if i % 10 == 0 then collectgarbage "step" end
    local waste = {}
    for j = 1, 10 do waste[j] = { j } end
    assert(old.nested[1].latest[1][1] == i and get()[1] == i and metatableHolder.value == i)
    assert(weakKeyed[old.list[i]][1] == i)
  end
  assert(co(nil)[1] == rounds)
  for i = 1, rounds do assert(old.list[i][1] == i and old.byKey["key" .. i] == "value" .. i) end
end
collectgarbage "incremental"

-- Cycles and long lists are collected and walked without deep recursion.
do
  local weak = setmetatable({}, { __mode = "v" })
  local function make()
    local first = {}
    local node = first
    for _ = 1, stress and 100 or 50000 do
      node.next = { previous = node }
      node = node.next
    end
    node.next = first
    weak[1] = first
    return first
  end
  local list = make()
  full()
  assert(weak[1] == list)
  list = nil
  full()
  assert(weak[1] == nil)
end

-- Strings made at run time survive as keys, and equal ones are equal afterwards.
do
  local t = {}
  for i = 1, 50 do t["dynamic" .. i] = i end
  full()
  for i = 1, 50 do assert(t["dyn" .. "amic" .. i] == i) end
  local long = ("x"):rep(1000)
  t[long] = 1
  full()
  assert(t[("x"):rep(999) .. "x"] == 1)
end

-- Within a finalizer the collector answers nothing but nil.
do
  local answers
  setmetatable({}, { __gc = function()
    answers = table.pack(collectgarbage(), collectgarbage "count", collectgarbage "step", collectgarbage "isrunning",
                         collectgarbage "stop", pcall(collectgarbage, "nothing"))
  end })
  full()
  assert(answers and answers.n == 7)
  for i = 1, 5 do assert(answers[i] == nil) end
  assert(answers[6] == false and answers[7]:find "invalid option")
  assert(collectgarbage "isrunning")
end

-- At the end of the state the finalizers of objects that are still alive run, the youngest first. What they print
-- is compared by the differential tests.
atTheEnd = {}
for i = 3, 1, -1 do
  atTheEnd[i] = setmetatable({}, { __gc = function() print("finalized at the end", i) end })
end

print "ok"

-- The collector cannot be called from a finalizer.
do
  local result = "not run"
  setmetatable({}, {__gc = function() result = collectgarbage() end})
  collectgarbage()
  assert(result == nil or result == false)
end

-- Parameters are taken as C ints and kept in quarters, in a byte.
for parameter, old in pairs { setpause = 200, setstepmul = 100 } do
  collectgarbage(parameter, math.maxinteger)
  assert(collectgarbage(parameter, 1030) == 0 and collectgarbage(parameter, old) == 4)
end

-- The message handler of whoever runs while a finalizer fails does not see that error.
do
  local seen = 0
  assert(xpcall(function()
    setmetatable({}, { __gc = function(...) error("of a finalizer", select("#", ...)) end })
    collectgarbage()
  end, function() seen = seen + 1 end))
  assert(seen == 0)
end

-- Objects with finalizers outlive one collection, but the heap does not grow with their number.
if not stress then
  local made, called, most = 0, 0, 0
  for _ = 1, 30 do
    for _ = 1, 10000 do
      made = made + 1
      setmetatable({}, { __gc = function() called = called + 1 end })
    end
    most = math.max(most, collectgarbage "count")
  end
  full()
  assert(called == made)
  assert(most < 16384, most)
end
