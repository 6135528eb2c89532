-- goto and labels (manual 3.3.4): continue, nested breaks, backward jumps, and what they do to locals and closures.

-- Continue.
do
  local odd = {}
  for i = 1, 10 do
    if i % 2 == 0 then goto continue end
    odd[#odd + 1] = i
    ::continue::
  end
  assert(table.concat(odd, " ") == "1 3 5 7 9")
  local i, sum = 0, 0
  while i < 10 do
    i = i + 1
    if i % 3 == 0 then goto next end
    sum = sum + i
    ::next::
  end
  assert(sum == 55 - 18)
  i, sum = 0, 0
  repeat
    i = i + 1
    if i == 5 then goto next end
    sum = sum + i
    ::next::
  until i == 10
  assert(sum == 50)
  local pairsSeen = {}
  for _, value in ipairs { "a", "b", "c" } do
    if value == "b" then goto continue end
    pairsSeen[#pairsSeen + 1] = value
    ::continue::
  end
  assert(table.concat(pairsSeen) == "ac")
end

-- The same label name in different functions and in sibling blocks.
do
  local function f(x)
    do
      if x then goto out end
      x = "first"
      ::out::
    end
    do
      if x == "first" then goto out end
      x = "second"
      ::out::
    end
    return x
  end
  assert(f(nil) == "first" and f(true) == "second")
end

-- Out of several loops at once.
do
  local found
  for i = 1, 20 do
    for j = 1, 20 do
      for k = 1, 20 do
        if i * i + j * j == k * k and i + j + k == 24 then
          found = i .. "," .. j .. "," .. k
          goto done
        end
      end
    end
  end
  ::done::
  assert(found == "6,8,10")
end

-- Backward jumps as loops, and a state machine.
do
  local n, product = 1, 1
  ::top::
  product = product * n
  n = n + 1
  if n <= 10 then goto top end
  assert(product == 3628800)

  local function accepts(text)
    local position = 0
    ::start::
    position = position + 1
    local c = text:sub(position, position)
    if c == "a" then goto start end
    if c == "b" then goto middle end
    do return false end
    ::middle::
    position = position + 1
    local d = text:sub(position, position)
    if d == "c" then goto middle end
    return d == ""
  end
  assert(accepts "aabcc" and accepts "b" and not accepts "ac" and not accepts "abcd" and not accepts "")
end

-- A label at the end of a block may be jumped to over local declarations.
do
  do
    goto last
    local x = 1
    assert(x == 2)
    ::last::
  end
  for i = 1, 3 do
    if i == 2 then goto continue end
    local y = i
    assert(y ~= 2)
    ::continue::
  end
end

-- Each turn of a goto loop that leaves the scope of a local makes a new local.
do
  local functions = {}
  local i = 1
  ::again::
  do
    local captured = i
    functions[i] = function(delta) captured = captured + delta return captured end
    i = i + 1
    if i <= 4 then goto again end
  end
  assert(functions[1](10) == 11 and functions[1](0) == 11 and functions[2](0) == 2 and functions[4](1) == 5)
end
do
  local functions, n = {}, 0
  ::top::
  local value = n * 100
  functions[#functions + 1] = function() value = value + 1 return value end
  n = n + 1
  if n < 3 then goto top end
  assert(functions[1]() == 1 and functions[2]() == 101 and functions[3]() == 201 and functions[1]() == 2)
end
do
  -- A local declared without value is nil again on each pass.
  local n = 0
  ::top::
  local fresh
  assert(fresh == nil)
  fresh = n
  n = n + 1
  if n < 3 then goto top end
end

-- Closures in continue loops: per iteration, also when `continue` skips the end of the body.
do
  local functions = {}
  for i = 1, 6 do
    local mine = i
    if i % 2 == 0 then
      functions[#functions + 1] = function() mine = mine + 1 return mine, i end
      goto continue
    end
    mine = -1
    ::continue::
  end
  local value, index = functions[2]()
  assert(value == 5 and index == 4 and functions[1]() == 3 and functions[3]() == 7 and functions[2]() == 6)
  local whileFunctions, n = {}, 0
  while n < 4 do
    local mine = n
    n = n + 1
    whileFunctions[n] = function() return mine end
    if mine == 1 then goto continue end
    mine = mine * 2
    ::continue::
  end
  assert(whileFunctions[1]() == 0 and whileFunctions[2]() == 1 and whileFunctions[3]() == 4 and whileFunctions[4]() == 6)
end

-- repeat: the condition sees the body's locals, also when they are captured, also with break and continue.
do
  local functions, n = {}, 0
  repeat
    local x = n
    functions[#functions + 1] = function() x = x + 1 return x end
    n = n + 1
  until x >= 3
  assert(#functions == 4 and functions[1]() == 1 and functions[4]() == 4 and functions[4]() == 5)
  n = 0
  repeat
    local stop = n == 3
    n = n + 1
    local keep = function() return stop end
    if n == 10 then break end
  until keep()
  assert(n == 4)
end

-- break is legal in the middle of a block and leaves the innermost loop only.
do
  local log = {}
  for i = 1, 3 do
    while true do
      log[#log + 1] = i
      do break end
      log[#log + 1] = "never"
    end
    if i == 2 then break end
  end
  assert(table.concat(log, " ") == "1 2")
end

-- Hot: a goto loop of many turns.
do
  local limit = os.getenv "SELVAGE_GC_STRESS" and 1000 or 100000
  local i, evens, odds = 0, 0, 0
  ::loop::
  if i == limit then goto finished end
  i = i + 1
  if i & 1 == 0 then
    evens = evens + i
    goto loop
  end
  odds = odds + i
  goto loop
  ::finished::
  assert(evens + odds == limit * (limit + 1) // 2 and evens - odds == limit // 2)
end

-- What a goto leaves is closed where it leads, also if another variable has come to stand in the slot of one that was
-- captured, and if the block that the label ends closes something itself.
do
  local counters, log = {}, {}
  local function closer(name)
    return setmetatable({}, { __close = function() log[#log + 1] = name end })
  end
  for i = 1, 3 do
    do
      local own = 10 * i
      counters[i] = function() own = own + 1 return own end
      if i ~= 2 then goto continue end
    end
    local other = i
    counters[#counters + 1] = function() other = other + 1 return other end
    ::continue::
  end
  assert(counters[1]() == 11 and counters[2]() == 21 and counters[1]() == 12 and counters[4] == nil)
  assert(counters[3]() == 31)
  for i = 1, 2 do
    local outer <close> = closer("outer" .. i)
    do
      local inner <close> = closer("inner" .. i)
      if i == 1 then goto continue end
    end
    log[#log + 1] = "past"
    ::continue::
  end
  assert(table.concat(log, " ") == "inner1 outer1 inner2 past outer2")
  log = {}
  do
    do
      local held = 1
      local function add() held = held + 1 return held end
      local inner <close> = closer("inner")
      add()
      if held == 2 then goto out end
    end
    ::out::
    log[#log + 1] = "out"
  end
  assert(table.concat(log, " ") == "inner out")
end

-- What the compiler refuses.
do
  local function refuses(text, source)
    local f, message = load(source)
    assert(f == nil, "accepted: " .. source)
    assert(string.find(message, text, 1, true), message)
  end
  refuses("no visible label 'x' for <goto>", "goto x")
  refuses("no visible label 'x' for <goto>", "do ::x:: end goto x")
  refuses("no visible label 'x'", "goto x; local function f() ::x:: end")
  refuses("label 'x' already defined on line 1", "::x:: ::x::")
  refuses("label 'x' already defined", "::x:: do ::x:: end")
  refuses("jumps into the scope of local 'a'", "goto x; local a; ::x:: print(a)")
  refuses("jumps into the scope of local 'a'", "repeat goto x; local a; ::x:: until a")
  refuses("break outside", "break")
  refuses("break outside", "local function f() break end while true do f() end")
  assert(load "goto x; local a; ::x::")
  assert(load "goto x; do ::y:: end ::x:: ::z:: ;;;")
  assert(load "local function f() goto x; ::x:: end ::x:: f()")
end

print "ok"
