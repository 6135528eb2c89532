-- What an expression leaves behind in slots that are no longer in use does not keep objects alive, and what is still in
-- use at a safepoint is never taken for stale.

-- Runs `allocate` until the collector has found the object that only `hold` has had, or fails.
local function mustBeCollected(hold, allocate)
  local collected = false
  hold(setmetatable({}, { __gc = function() collected = true end }))
  for _ = 1, 3e6 do
    allocate()
    if collected then return end
  end
  error("the object was kept")
end

-- The dropped object's last use was as the argument and the result of a call, in the same function that goes on.
do
  local above = { "above" }
  local collected = false
  local object = setmetatable({}, { __gc = function() collected = true end })
  local below = { "below" }
  local turns = 0
  repeat
    object = {}
    turns = turns + 1
  until collected or turns > 3e6
  assert(collected and above[1] == "above" and below[1] == "below")

  collected = false
  object = setmetatable({}, { __gc = function() collected = true end })
  turns = 0
  repeat
    turns = turns + 1
    object = "text " .. turns .. " and a tail that makes it long enough not to be interned"
  until collected or turns > 3e6
  assert(collected and above[1] == "above" and below[1] == "below")

  collected = false
  object = setmetatable({}, { __gc = function() collected = true end })
  turns = 0
  repeat
    turns = turns + 1
    local captured = turns
    object = function() return captured end
  until collected or turns > 3e6
  assert(collected and object() == turns and above[1] == "above" and below[1] == "below")
end

mustBeCollected(function() end, function() return {} end)
mustBeCollected(function(object) local t = { object } t[1] = nil end, function() return {} end)

-- Values that are pending in temporaries while something else is allocated. In stress mode every allocation collects.
local function id(...) return ... end
for i = 1, 200 do
  local a, b, c = { i }, { i + 1 }, function() return i end
  assert(a[1] + b[1] + c() == 3 * i + 1)
  a, b = id({ "first" }), { "second" }
  assert(a[1] == "first" and b[1] == "second")
  a, b = id({ "third" }), function() return i end
  assert(a[1] == "third" and b() == i)
  a, b = { i .. "x" }, i .. "y" .. i
  assert(a[1] == i .. "x" and b == i .. "y" .. i)
  a[{}], b = { 1 }, { 2 }
  assert(b[1] == 2)
  local nested = { { { i .. "deep" }, x = { i } }, id({ i }), [i .. "key"] = { i .. "value" }, id({ 1 }, { 2 }) }
  assert(nested[1][1][1] == i .. "deep" and nested[1].x[1] == i and nested[2][1] == i)
  assert(nested[i .. "key"][1] == i .. "value" and nested[3][1] == 1 and nested[4][1] == 2)
  assert(select("#", id({}, i .. "a", { {} }, function() return i end, id({}, {}))) == 6)
  assert((i .. "l") .. id({ i .. "m" })[1] .. ({ i .. "r" })[1] == i .. "l" .. i .. "m" .. i .. "r")
end
-- The same in functions that come out of binary chunks, with and without their debug information.
for _, strip in ipairs({ false, true }) do
  local loaded = load(string.dump(function(setmetatable)
    local isCollected = false
    setmetatable({}, { __gc = function() isCollected = true end })
    local turns = 0
    repeat
      local garbage = {}
      turns = turns + 1
    until isCollected or turns > 5000000
    return isCollected
  end, strip))
  assert(loaded(setmetatable), "a stale slot kept an object alive")
end


-- Stacks of coroutines grow into what lay beyond their limit, after memory of stacks that have died was used again: at every
-- depth, below functions with many slots, with values that library functions have pushed beyond the limit.
do
  local many = {}
  for i = 1, 60 do many[i] = "local v" .. i .. " = a and tostring(a) .. " .. i end
  local wide = load("local a, next, depth = ... " .. "if depth > 0 then next(a, next, depth - 1) end collectgarbage('step') " ..
                    table.concat(many, " ") .. " return v1, v60")
  local function fill(n)
    local t = {}
    for i = 1, n do t[i] = { tostring(i) } end
    return t
  end
  local function pushed(n, ...) return select("#", ...), (select(n, ...)) end
  local stress = os.getenv "SELVAGE_GC_STRESS"
  for depth = 0, stress and 6 or 30 do
    for size = 0, 240, stress and 60 or 15 do
      local t = fill(size + 1)
      local co = coroutine.wrap(function(n)
        local function descend(k)
          if k > 0 then
            local x = { k }
            local result = descend(k - 1)
            return result and x[1] == k
          end
          wide(n, wide, depth % 3)
          local count, last = pushed(size + 1, table.unpack(t))
          collectgarbage "step"
          assert(count == size + 1 and last == t[size + 1] and last[1] == tostring(size + 1))
          coroutine.yield(select(-1, table.unpack(t)))
          wide(n, wide, 2)
          return true
        end
        return descend(depth)
      end)
      assert(co(size)[1] == tostring(size + 1))
      t = fill(size + 1)
      if size % 2 == 0 then assert(co()) end
    end
    collectgarbage()
  end
end
