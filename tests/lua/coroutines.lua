-- Coroutines (manual 2.6 and 6.2).

local stress = os.getenv "SELVAGE_GC_STRESS"
local create, resume, yield, status, wrap = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status, coroutine.wrap
local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), tostring(message))
end

-- Values travel both ways, in any number.
do
  local co = create(function(...)
    assert(select("#", ...) == 3)
    local a = table.pack(yield())
    assert(a.n == 0)
    a = table.pack(yield(nil, 1, nil))
    assert(a.n == 2 and a[1] == nil and a[2] == "b")
    local x = yield(1)
    assert(x == "first")
    return ...
  end)
  assert(select("#", resume(co, 1, nil, nil)) == 1)
  assert(select("#", resume(co)) == 4)
  local ok, one, more = resume(co, nil, "b")
  assert(ok and one == 1 and more == nil)
  local results = table.pack(resume(co, "first", "second"))
  assert(results.n == 4 and results[1] == true and results[2] == 1)
  assert(status(co) == "dead")
  ok, one = resume(co)
  assert(ok == false and one == "cannot resume dead coroutine")
end

-- status, running, isyieldable.
do
  local main, isMain = coroutine.running()
  assert(type(main) == "thread" and isMain == true and not coroutine.isyieldable() and status(main) == "running")
  local outer, inner
  outer = create(function()
    assert(status(outer) == "running" and status(main) == "normal" and coroutine.isyieldable())
    local running, isMain = coroutine.running()
    assert(running == outer and isMain == false)
    inner = create(function()
      assert(status(outer) == "normal" and status(inner) == "running" and coroutine.isyieldable(outer))
      local ok, message = resume(outer)
      assert(not ok and message == "cannot resume non-suspended coroutine")
      ok, message = resume(inner)
      assert(not ok and message == "cannot resume non-suspended coroutine")
      yield()
    end)
    assert(status(inner) == "suspended" and not pcall(coroutine.close, outer))
    assert(resume(inner))
    assert(status(inner) == "suspended")
    yield()
  end)
  assert(status(outer) == "suspended" and resume(outer) and status(outer) == "suspended" and resume(outer))
  assert(status(outer) == "dead")
  local ok, message = resume(main)
  assert(not ok and message == "cannot resume non-suspended coroutine")
  failsWith("attempt to yield from outside a coroutine", yield, 1)
  failsWith("cannot close a running coroutine", coroutine.close, main)
  for _, f in ipairs { create, wrap } do failsWith("function expected", f, 5) end
  failsWith("thread expected", resume, {})
  failsWith("thread expected", status, nil)
  failsWith("thread expected", coroutine.close, print)
end

-- Errors: values of every type, position, death.
do
  local object = {}
  for _, value in ipairs { "text", 5, object, false } do
    local co = create(function() error(value, 0) end)
    local ok, err = resume(co)
    assert(ok == false and err == value and status(co) == "dead")
    ok, err = resume(co)
    assert(not ok and err == "cannot resume dead coroutine")
  end
  local co = create(function() local x = nil; return x.field end)
  local ok, message = resume(co)
  assert(not ok and message:find "attempt to index a nil value %(local 'x'%)")
  ok, message = resume(create(function() error() end))
  assert(ok == false and message == nil)
  -- wrap passes errors on, adding a position to strings.
  failsWith("inside", wrap(function() error("inside", 0) end))
  local caught
  ok, caught = pcall(wrap(function() error(object) end))
  assert(not ok and caught == object)
  local dead = wrap(function() end)
  dead()
  failsWith("cannot resume dead coroutine", dead)
  -- An error thrown through several coroutines.
  local function nest(depth)
    if depth == 0 then error("bottom", 0) end
    wrap(nest)(depth - 1)
  end
  failsWith("bottom", nest, 10)
end

-- Yield across pcall, xpcall, metamethods, iterators, __close, sort-free library functions and load-ed chunks.
do
  local co = wrap(function()
    local ok, a, b = pcall(function(x)
      local y = yield(x + 1)
      error({ y, yield "again" })
    end, 1)
    assert(ok == false and a[1] == "y" and a[2] == "z")
    local handled
    ok, a = xpcall(function()
      yield "in xpcall"
      error "e"
    end, function(message) handled = message return "handled" end)
    assert(not ok and a == "handled" and handled:find "e$")
    ok, a, b = pcall(pcall, pcall, yield, "nested")
    assert(ok and a == true and b == true)
    local results = table.pack(pcall(yield, 1, 2))
    assert(results.n == 4 and results[4] == "c")
    ok, a = pcall(error, yield "error value")
    assert(not ok and a == "thrown")
    return "end"
  end)
  assert(co() == 2 and co "y" == "again" and co "z" == "in xpcall" and co() == "nested")
  assert(co(5) == 1)
  assert(co("a", "b", "c") == "error value" and co "thrown" == "end")

  local function pairsYield(t)
    return setmetatable({}, { __pairs = function() yield "pairs" return next, t, nil end })
  end
  co = wrap(function()
    local sum = 0
    for _, v in pairs(pairsYield { 1, 2, 3 }) do sum = sum + v end
    for v in function() return yield "iterate" end do sum = sum + v end
    local chunk = load "return coroutine.yield('chunk') + 1"
    sum = sum + chunk()
    local t = setmetatable({}, { __index = function(_, k) return yield(k) end, __newindex = function(_, k, v) yield(k .. v) end })
    sum = sum + t.five
    t.key = "value"
    sum = sum + select("#", table.unpack { yield "unpack" })
    return sum
  end)
  assert(co() == "pairs" and co() == "iterate" and co(10) == "iterate" and co(nil) == "chunk" and co(99) == "five")
  assert(co(5) == "keyvalue" and co() == "unpack" and co "x" == 6 + 10 + 100 + 5 + 1)

  -- Where C code without continuation is in between.
  local function insideSort()
    table.sort({ 3, 2, 1 }, function(a, b) yield() return a < b end)
  end
  local ok, message = resume(create(insideSort))
  assert(not ok and message == "attempt to yield across a C-call boundary", message)
  ok, message = resume(create(function() return pcall(insideSort) end))
  assert(ok and message == false)
  ok, message = resume(create(function() return (("x"):gsub("x", function() yield() end)) end))
  assert(not ok and message == "attempt to yield across a C-call boundary")
  ok, message = resume(create(function() return tostring(setmetatable({}, { __tostring = yield })) end))
  assert(not ok and message == "attempt to yield across a C-call boundary")
  ok, message = resume(create(function() return load(function() yield() end) end))
  assert(ok)
  co = create(function()
    table.sort({ 2, 1 }, function(a, b)
      assert(not coroutine.isyieldable())
      return a < b
    end)
    assert(coroutine.isyieldable())
    yield "still works"
  end)
  assert(select(2, resume(co)) == "still works")
  -- A coroutine started inside such a function may yield, though.
  local order = {}
  table.sort(order, function(a, b) return wrap(function() yield(a < b) end)() end)
  local sorted = { 5, 3, 9, 1 }
  table.sort(sorted, function(a, b) return wrap(function() yield(a < b) end)() end)
  assert(table.concat(sorted) == "1359")
end

-- close.
do
  local co = create(function() yield() end)
  assert(coroutine.close(co) == true and status(co) == "dead")
  co = create(function() yield() end)
  resume(co)
  assert(coroutine.close(co) and status(co) == "dead" and not resume(co))
  co = create(function() error("failed", 0) end)
  resume(co)
  local ok, message = coroutine.close(co)
  assert(ok == false and message == "failed")
  assert(coroutine.close(co))
  local order = {}
  co = create(function()
    local a <close> = setmetatable({}, { __close = function(_, e) order[#order + 1] = "a" .. tostring(e) end })
    local b <close> = setmetatable({}, { __close = function(_, e) order[#order + 1] = "b" .. tostring(e) error("bad", 0) end })
    pcall(yield)
  end)
  resume(co)
  ok, message = coroutine.close(co)
  assert(not ok and message == "bad" and table.concat(order, " ") == "bnil abad")
  -- Nobody has resumed it, so nobody would get what its handlers yield.
  local yieldable
  co = create(function()
    local a <close> = setmetatable({}, { __close = function()
      yieldable = coroutine.isyieldable()
      yield()
    end })
    yield()
  end)
  resume(co)
  ok, message = coroutine.close(co)
  assert(not ok and message == "attempt to yield across a C-call boundary" and yieldable == false)
  -- Closing another from inside one; closing oneself is refused.
  local other = create(function() yield() end)
  resume(other)
  co = create(function()
    assert(coroutine.close(other))
    return pcall(coroutine.close, (coroutine.running()))
  end)
  local _, closed, why = resume(co)
  assert(closed == false and why == "cannot close a running coroutine" and status(other) == "dead")
end

-- Generators, producers and consumers, permutations, a scheduler.
do
  local function permutations(list, n)
    n = n or #list
    if n <= 1 then
      yield(table.concat(list))
    else
      for i = 1, n do
        list[n], list[i] = list[i], list[n]
        permutations(list, n - 1)
        list[n], list[i] = list[i], list[n]
      end
    end
  end
  local seen, total = {}, 0
  for p in wrap(function() permutations { "a", "b", "c", "d" } end) do
    assert(not seen[p])
    seen[p] = true
    total = total + 1
  end
  assert(total == 24)

  local function filter(predicate, source)
    return wrap(function()
      for value in source do
        if predicate(value) then yield(value) end
      end
    end)
  end
  local numbers = wrap(function() for i = 2, stress and 30 or 400 do yield(i) end end)
  local primes = {}
  local source = numbers
  while true do
    local prime = source()
    if not prime then break end
    primes[#primes + 1] = prime
    source = filter(function(n) return n % prime ~= 0 end, source)
  end
  assert(#primes == (stress and 10 or 78) and primes[10] == 29)

  local log, tasks = {}, {}
  local function task(name, turns)
    tasks[#tasks + 1] = create(function()
      for i = 1, turns do
        log[#log + 1] = name .. i
        yield()
      end
    end)
  end
  task("a", 3)
  task("b", 1)
  task("c", 2)
  while #tasks > 0 do
    for i = #tasks, 1, -1 do
      assert(resume(tasks[i]))
      if status(tasks[i]) == "dead" then table.remove(tasks, i) end
    end
  end
  assert(table.concat(log, " ") == "c1 b1 a1 c2 a2 a3")
end

-- Deep recursion inside a coroutine, with yields at the bottom; the stacks grow and move.
do
  local function descend(n)
    if n == 0 then return yield "bottom" end
    local a, b = n, n * 2
    local result = descend(n - 1)
    assert(a * 2 == b)
    return result + 1
  end
  local depth = stress and 100 or 10000
  local co = wrap(descend)
  assert(co(depth) == "bottom" and co(0) == depth)
end

-- Coroutines inside coroutines, too deep: an error, not a crash.
do
  local depth = 0
  local function nest()
    depth = depth + 1
    local co = create(nest)
    local ok, message = resume(co)
    if not ok then error(message, 0) end
  end
  local ok, message = pcall(nest)
  assert(not ok and message:find "overflow", message)
  assert(depth > 50)
  local function viaWrap() return wrap(viaWrap)() end
  failsWith("overflow", viaWrap)
  -- Moderately deep is fine.
  local function tower(n)
    if n == 0 then return "top" end
    return wrap(tower)(n - 1)
  end
  assert(tower(100) == "top")
end

-- Many coroutines at once.
do
  local n = stress and 50 or 5000
  local all = {}
  for i = 1, n do
    all[i] = wrap(function(x)
      while true do x = x + (yield(x) or i) end
    end)
  end
  for i = 1, n do assert(all[i](i) == i) end
  for i = n, 1, -1 do assert(all[i](1) == i + 1) end
  for i = 1, n do assert(all[i]() == 2 * i + 1) end
  all = nil
  collectgarbage()
end

-- Hot switching, with numbers of values that change.
do
  local rounds = stress and 100 or 20000
  local co = wrap(function(...)
    local n = select("#", ...)
    while true do
      if n == 0 then n = select("#", yield())
      elseif n == 1 then n = select("#", yield(1))
      else n = select("#", yield(1, 2, 3)) end
    end
  end)
  for i = 1, rounds do
    local kind = i % 3
    if kind == 0 then assert(select("#", co()) == 0)
    elseif kind == 1 then assert(select("#", co(i)) == 1)
    else assert(select("#", co(i, i)) == 3) end
  end
end

-- A function that runs both as a coroutine's body and as an ordinary call.
do
  local function body(n)
    local total = 0
    for i = 1, n do
      total = total + i
      if coroutine.isyieldable() and i % 10 == 0 then yield(total) end
    end
    return total
  end
  for _ = 1, stress and 3 or 100 do
    assert(body(100) == 5050)
    local last
    for value in wrap(function() yield(body(100)) end) do last = value end
    assert(last == 5050)
  end
end

-- More results than the resumer's stack has room for.
do
  local function many() return table.unpack({}, 1, 600000) end
  local function crowded(resume, ...)
    local succeeded, message = pcall(resume)
    return message
  end
  local function crowd(resume) return crowded(resume, table.unpack({}, 1, 500000)) end
  local co = coroutine.create(many)
  local succeeded, message
  crowd(function() succeeded, message = coroutine.resume(co) end)
  assert(not succeeded and message == "too many results to resume" and coroutine.status(co) == "dead")
  co = coroutine.create(function() yield(many()) return 7 end)
  crowd(function() succeeded, message = coroutine.resume(co) end)
  assert(not succeeded and message == "too many results to resume" and coroutine.status(co) == "suspended")
  assert(select(2, coroutine.resume(co)) == 7)
  assert(crowd(wrap(many)):find("too many results to resume", 1, true))
end

-- More values than the other stack has room for, in both directions, and back again at every depth.
do
  local many = {}
  for i = 1, 240 do many[i] = i end
  local function check(n, ...)
    assert(select("#", ...) == n)
    for i = 1, n do assert((select(i, ...)) == i) end
  end
  for depth = 0, 12 do
    for _, n in ipairs { 0, 1, 2, 17, 40, 62, 63, 64, 65, 240 } do
      local inner = coroutine.wrap(function(...)
        check(n, ...)
        for _ = 1, 3 do check(n, coroutine.yield(table.unpack(many, 1, n))) end
        return table.unpack(many, 1, n)
      end)
      local function descend(k)
        if k > 0 then return (descend(k - 1)) end
        for _ = 1, 4 do check(n, inner(table.unpack(many, 1, n))) end
        return true
      end
      local outer = coroutine.create(descend)
      local ok, result = coroutine.resume(outer, depth)
      assert(ok and result)
      assert(not pcall(inner))
    end
  end
end

print "ok"
