-- Constant and to-be-closed variables (manual 3.3.7 and 3.3.8).

local log = {}
local function closable(name, action)
  return setmetatable({ name = name }, {
    __close = function(self, err)
      log[#log + 1] = self.name .. "(" .. tostring(err) .. ")"
      if action then action(self, err) end
    end,
  })
end
local function logged(expected)
  local seen = table.concat(log, " ")
  log = {}
  assert(seen == expected, seen .. " instead of " .. expected)
end
local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), tostring(message))
end
local function refuses(text, source)
  local f, message = load(source)
  assert(f == nil, "accepted: " .. source)
  assert(string.find(message, text, 1, true), message)
end

-- Constants.
do
  local x <const> = 10
  local y <const>, z, w <const> = x + 1, {}, "text"
  z[1] = x * y
  assert(z[1] == 110 and #w == 4 and x < y)
  local function deeper()
    return function() return x + y, w .. x end
  end
  local sum, text = deeper()()
  assert(sum == 21 and text == "text10")
  local no <const>, none <const>, yes <const> = false, nil, true
  assert(no == false and none == nil and yes)
  assert((no or none or yes) and not (no and yes))
  local t = { [x] = "ten", [w] = x }
  assert(t[10] == "ten" and t.text == 10 and t[x] == "ten")
  local f <const> = 1.5
  assert(-f == -1.5 and f // 1 == 1.0 and x // f == 6.0)
  for i = x, y do assert(i == 10 or i == 11) end
  local max <const> = math.maxinteger
  assert(max + 1 == math.mininteger)
end
refuses("attempt to assign to const variable 'x'", "local x <const> = 1; x = 2")
refuses("attempt to assign to const variable 'x'", "local x <const> = {}; local function f() x = 2 end")
refuses("attempt to assign to const variable 'x'", "local x <close> = nil; x = nil")
refuses("attempt to assign to const variable 'y'", "local x, y <const> = 1, 2; x, y = 3, 4")
refuses("attempt to assign to const variable 'x'", "local x <const> = 1; return function() return function() x = 1 end end")
refuses("attempt to assign to const variable 'f'", "local f <const> = 1; function f() end")
refuses("unknown attribute 'final'", "local x <final> = 1")
refuses("multiple to-be-closed variables in local list", "local a <close>, b <close> = nil, nil")
assert(load "local x <const> = 1; do local x = 2; x = 3 end")

-- Order: the reverse of declaration, after the block, before its outside goes on.
do
  do
    local a <close> = closable "a"
    local b <close> = closable "b"
    local c <const>, d <close> = 1, closable "d"
    log[#log + 1] = "body"
  end
  logged "body d(nil) b(nil) a(nil)"
end
-- nil and false are ignored, other values without __close refused, and then the earlier ones are closed.
do
  do
    local a <close> = nil
    local b <close> = false
    local c <close> = closable "c"
  end
  logged "c(nil)"
  failsWith("variable 'wrong' got a non-closable value", function()
    local right <close> = closable "right"
    local wrong <close> = 42
  end)
  assert(log[1]:find "^right%(.*variable 'wrong' got a non%-closable value%)$")
  log = {}
  failsWith("variable 'x' got a non-closable value", function() local x <close> = {} end)
  failsWith("variable 'x' got a non-closable value", function() local x <close> = setmetatable({}, { __index = {} }) end)
end
-- The message names the variable also where its scope ends with its declaration, and in the midst of others.
do
  local function messageOf(source, strip)
    local f = assert(load(source, "=test"))
    local _, message = pcall(strip and load(string.dump(f, true)) or f, {})
    return message
  end
  local wrong = {
    v = {"do local v <close> = {} end", "local v <close> = ...", "while true do local v <close> = 1 end",
         "do local a, v <close>, c = 1, {}, 3 end", "do local a <const>, v <close> = 1, 'x' end",
         "do local a <const>, b, v <close> = 1, 2, {} end", "do local v <close>, b = {}, {} end",
         "repeat local v <close> = {} until true", "for i = 1, 2 do local v <close> = i end",
         "if ... then local v <close> = print end", "do local v <close> = (function() return 5, 6 end)() end",
         "local a do local b local v <close> = {} end"},
    ["(for state)"] = {"for k in next, {}, nil, {} do end", "for k in next, {}, nil, 1 do local v end",
                       "for v in pairs {}, nil, nil, 7 do print(v) end"},
  }
  for name, sources in pairs(wrong) do
    for _, source in ipairs(sources) do
      local expected = "variable '%s' got a non-closable value"
      assert(messageOf(source) == "test:1: " .. expected:format(name), source)
      assert(messageOf(source, true) == "?:-1: " .. expected:format "(temporary)", source)
    end
  end
end
-- The metamethod is looked up when the variable is closed.
do
  local object = closable "old"
  failsWith("metamethod 'close'", function()
    local x <close> = object
    getmetatable(object).__close = nil
  end)
  object = closable "old"
  do
    local x <close> = object
    getmetatable(object).__close = function() log[#log + 1] = "new" end
  end
  logged "new"
end

-- Every way out of a block.
do
  for i = 1, 3 do
    local x <close> = closable("turn" .. i)
    if i == 2 then break end
  end
  logged "turn1(nil) turn2(nil)"
  for i = 1, 3 do
    local x <close> = closable("x" .. i)
    if i == 2 then goto continue end
    do
      local y <close> = closable("y" .. i)
    end
    ::continue::
  end
  logged "y1(nil) x1(nil) x2(nil) y3(nil) x3(nil)"
  do
    local i = 1
    ::again::
    do
      local x <close> = closable("g" .. i)
      i = i + 1
      if i <= 3 then goto again end
    end
  end
  logged "g1(nil) g2(nil) g3(nil)"
  local n = 0
  while n < 2 do
    local x <close> = closable("w" .. n)
    n = n + 1
  end
  logged "w0(nil) w1(nil)"
  repeat
    local x <close> = closable "r"
    log[#log + 1] = "body"
  until x.name == "r"
  logged "body r(nil)"
end

-- Return: values are computed before closing and are not disturbed by it.
do
  local function results(...)
    local x <close> = closable("x", function() return "lost", "lost", "lost" end)
    local y <close> = closable "y"
    return ...
  end
  local packed = table.pack(results(1, nil, 3, nil))
  assert(packed.n == 4 and packed[1] == 1 and packed[3] == 3)
  logged "y(nil) x(nil)"
  assert(select("#", results()) == 0)
  logged "y(nil) x(nil)"
  local function changed()
    local value = 1
    local x <close> = closable("x", function() value = 2 end)
    return value, function() return value end
  end
  local value, get = changed()
  assert(value == 1 and get() == 2)
  logged "x(nil)"
  -- Not a tail call: the variable is closed after the call.
  local function called() log[#log + 1] = "called" return "v" end
  local function caller()
    local x <close> = closable "x"
    return called()
  end
  assert(caller() == "v")
  logged "called x(nil)"
  local function nested()
    local a <close> = closable "a"
    do
      local b <close> = closable "b"
      for i = 1, 2 do
        local c <close> = closable "c"
        if i == 1 then return "deep", i end
      end
    end
  end
  assert(select(2, nested()) == 1)
  logged "c(nil) b(nil) a(nil)"
end

-- Errors: each handler gets the current error, and an error in one replaces it.
do
  failsWith("boom", function()
    local a <close> = closable "a"
    local b <close> = closable "b"
    error("boom", 0)
  end)
  logged "b(boom) a(boom)"
  failsWith("second", function()
    local a <close> = closable "a"
    local b <close> = closable("b", function() error("second", 0) end)
    local c <close> = closable "c"
    error("first", 0)
  end)
  logged "c(first) b(first) a(second)"
  failsWith("normal end", function()
    local a <close> = closable "a"
    local b <close> = closable("b", function() error("normal end", 0) end)
  end)
  logged "b(nil) a(normal end)"
  failsWith("third", function()
    local a <close> = closable("a", function(_, err) error("third", 0) end)
    local b <close> = closable("b", function() error("second", 0) end)
    return "never seen"
  end)
  logged "b(nil) a(second)"
  failsWith("in loop", function()
    for i = 1, 3 do
      local x <close> = closable("x" .. i, function() if i == 2 then error("in loop", 0) end end)
    end
  end)
  logged "x1(nil) x2(nil)"
  local object = {}
  local ok, err = pcall(function()
    local x <close> = closable("x", function(_, e) assert(e == object) end)
    error(object)
  end)
  assert(not ok and err == object)
  log = {}
  -- pcall inside a handler.
  do
    local x <close> = closable("x", function() assert(not pcall(error, "inner")) end)
  end
  logged "x(nil)"
  -- xpcall's handler runs before the closing.
  local order = {}
  xpcall(function()
    local x <close> = setmetatable({}, { __close = function() order[#order + 1] = "close" end })
    error "e"
  end, function() order[#order + 1] = "handler" end)
  assert(table.concat(order, " ") == "handler close")
  -- Stack overflow closes too.
  local function endless()
    return 1 + endless()
  end
  failsWith("overflow", function()
    local x <close> = closable("x", function(_, e) assert(tostring(e):find "overflow") end)
    endless()
  end)
  log = {}
end

-- Many variables, deep scopes, and closures over to-be-closed variables.
do
  local function tower(depth)
    local x <close> = closable(depth)
    if depth > 1 then return (tower(depth - 1)) end
    return "top"
  end
  assert(tower(10) == "top")
  logged "1(nil) 2(nil) 3(nil) 4(nil) 5(nil) 6(nil) 7(nil) 8(nil) 9(nil) 10(nil)"
  local get
  do
    local x <close> = closable "captured"
    get = function() return x.name end
  end
  logged "captured(nil)"
  assert(get() == "captured")
  local count = 0
  local shared = setmetatable({}, { __close = function() count = count + 1 end })
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 50 or 2000
  for _ = 1, rounds do
    local a <close> = shared
    local b <close> = shared
    if count % 3 == 0 then goto continue end
    do local c <close> = shared end
    ::continue::
  end
  assert(count >= 2 * rounds and count <= 3 * rounds)
  local function hot(n)
    local x <close> = shared
    if n == 0 then return 0 end
    return n + hot(n - 1)
  end
  count = 0
  for _ = 1, rounds // 10 do assert(hot(5) == 15) end
  assert(count == rounds // 10 * 6)
end

-- Coroutines: yields in the body, in the handler, coroutine.close, and coroutines that are left alone.
do
  local routine = coroutine.wrap(function()
    local x <close> = closable "x"
    coroutine.yield(1)
    local y <close> = closable("y", function() coroutine.yield "closing y" end)
    coroutine.yield(2)
    return 3
  end)
  assert(routine() == 1 and routine() == 2)
  logged ""
  assert(routine() == "closing y")
  logged "y(nil)"
  assert(routine() == 3)
  logged "x(nil)"

  -- A handler that yields on break, on goto, on an error, and in a return with many values.
  local function yielding(name)
    return closable(name, function() coroutine.yield(name) end)
  end
  local function run(f, ...)
    local seen, co = {}, coroutine.create(f)
    local results = table.pack(coroutine.resume(co, ...))
    while coroutine.status(co) == "suspended" do
      seen[#seen + 1] = tostring(results[2])
      results = table.pack(coroutine.resume(co))
    end
    return table.concat(seen, " "), table.unpack(results, 1, results.n)
  end
  local seen, ok, a, b, c = run(function()
    for i = 1, 3 do
      local x <close> = yielding("x" .. i)
      if i == 2 then break end
    end
    local y <close> = yielding "y"
    return "a", nil, "c"
  end)
  assert(seen == "x1 x2 y" and ok and a == "a" and b == nil and c == "c")
  logged "x1(nil) x2(nil) y(nil)"
  -- coroutine.resume leaves the variables of a coroutine that died to coroutine.close; coroutine.wrap closes them.
  do
    local body = function()
      local x <close> = closable "x"
      local y <close> = closable "y"
      error("failed", 0)
    end
    local co = coroutine.create(body)
    local resumed, message = coroutine.resume(co)
    assert(not resumed and message == "failed" and coroutine.status(co) == "dead")
    logged ""
    resumed, message = coroutine.close(co)
    assert(not resumed and message == "failed")
    logged "y(failed) x(failed)"
    failsWith("failed", coroutine.wrap(body))
    logged "y(failed) x(failed)"
  end
  seen, ok, a, b = run(function()
    return pcall(function()
      local x <close> = yielding "x"
      local y <close> = closable("y", function() error("from y", 0) end)
      error("failed", 0)
    end)
  end)
  assert(seen == "x" and ok and a == false and b == "from y")
  logged "y(failed) x(from y)"
  seen, ok, a = run(function(...)
    local x <close> = yielding "x"
    return select("#", ...)
  end, 1, 2, 3)
  assert(seen == "x" and ok and a == 3)
  log = {}

  local co = coroutine.create(function()
    local x <close> = closable "x"
    local y <close> = closable "y"
    coroutine.yield()
  end)
  assert(coroutine.resume(co) and coroutine.close(co) and coroutine.status(co) == "dead")
  logged "y(nil) x(nil)"
  co = coroutine.create(function()
    local x <close> = closable "x"
    local y <close> = closable("y", function() error("in close", 0) end)
    coroutine.yield()
  end)
  assert(coroutine.resume(co))
  local closed, err = coroutine.close(co)
  assert(closed == false and err == "in close" and coroutine.status(co) == "dead")
  logged "y(nil) x(in close)"
  assert(coroutine.close(co))
end

-- Variables of a block that is run again and again, with and without captured ones beside them; handlers that come, go and
-- fail, results of fixed and of variable number, and more pending variables than before.
do
  local log = {}
  local M = {__close = function(value, problem) log[#log + 1] = value.name .. (problem and "!" or "") end}
  local function new(name) return setmetatable({name = name}, M) end
  local function take()
    local text = table.concat(log, " ")
    log = {}
    return text
  end
  local function block()
    local a <close>, n = new "a", 1
    local b <close> = new "b"
    local c <close> = nil
    local d <close> = false
  end
  local function fixed() local a <close> = new "a" return 1, 2 end
  local function variable(...) local a <close> = new "a" local b <close> = new "b" return ... end
  local function captured()
    local a <close> = new "a"
    local n = 1
    local f = function() n = n + 1 return n, a end
    return f()
  end
  local function failing() local a <close> = new "a" local b <close> = new "b" error "x" end
  local function nested(depth)
    local a <close> = new("n" .. depth)
    if depth > 0 then nested(depth - 1) end
    return depth
  end
  for round = 1, 150 do
    block() assert(take() == "b a")
    local x, y, z = fixed() assert(x == 1 and y == 2 and z == nil and take() == "a")
    assert(select("#", variable(1, nil, nil)) == 3 and take() == "b a")
    local n = captured() assert(n == 2 and take() == "a")
    assert(not pcall(failing) and take() == "b! a!")
    assert(nested(3) == 3 and take() == "n0 n1 n2 n3")
    local t = coroutine.wrap(function() local a <close> = new "a" coroutine.yield(1) return 2 end)
    assert(t() == 1 and take() == "" and t() == 2 and take() == "a")
    for i = 1, 3 do local a <close> = new("i" .. i) if i == 2 then break end end
    assert(take() == "i1 i2")
    if round % 40 == 0 then
      assert(nested(round) == round) take()
      local handler = M.__close
      M.__close = nil
      assert(not pcall(block) and not pcall(fixed) and take() == "")
      M.__close = function() log[#log + 1] = "other" coroutine.yield "waits" end
      local co = coroutine.wrap(block)
      assert(co() == "waits" and co() == "waits" and co() == nil and take() == "other other")
      M.__close = setmetatable({}, {__call = function(_, value) log[#log + 1] = "called " .. value.name end})
      block() assert(take() == "called b called a")
      M.__close = error
      assert(not pcall(fixed))
      M.__close = handler
    end
  end
end

print "ok"
