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

