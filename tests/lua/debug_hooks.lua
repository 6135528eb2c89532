-- Debug hooks (manual 6.10, debug.sethook).

local sethook, gethook, getinfo, getlocal = debug.sethook, debug.gethook, debug.getinfo, debug.getlocal

local function same(got, wanted)
  if got ~= wanted then error("wanted " .. wanted .. "\n   got " .. got, 2) end
end

-- The lines that running `source` goes through.
local function linesOf(source)
  local lines = {}
  local chunk = assert(load(source))
  sethook(function(event, line)
    assert(event == "line")
    if getinfo(2, "f").func == chunk then lines[#lines + 1] = line end
  end, "l")
  chunk()
  sethook()
  return table.concat(lines, " ")
end

-- The events in a call of f, with what getinfo says of the function that they are about.
local function eventsOf(mask, f, ...)
  local events = {}
  sethook(function(event)
    local about = getinfo(2, "fnt")
    if about.func == sethook then return end
    events[#events + 1] = event .. " " .. tostring(about.name) .. (about.istailcall and " tail" or "")
  end, mask)
  f(...)
  sethook()
  return table.concat(events, ", ")
end

-- Every line once a turn; ends of loops; conditions on several lines; nothing for lines without code.
do
  same(linesOf "local a = 1\n\nlocal b = a\n", "1 3")
  same(linesOf "local a = 1\n\nlocal b = a\nreturn b", "1 3 4")
  same(linesOf "for i = 1, 2 do\n  local x = i\nend\nreturn", "1 2 1 2 1 4")
  same(linesOf "for k in next, {1} do\n  local x = k\nend\nreturn", "1 2 1 3 4")
  same(linesOf "local i = 0\nwhile i < 2 do\n  i = i + 1\nend\nreturn", "1 2 3 2 3 2 5")
  same(linesOf "local i = 0\nrepeat\n  i = i + 1\nuntil i == 2\nreturn", "1 3 4 3 4 5")
  same(linesOf "if\n  tostring(1)\nthen\n  local a\nend\nreturn", "2 3 4 6")
  same(linesOf "if nil then\n  local a\nelse\n  local b = 2\nend\nreturn", "1 4 6")
  same(linesOf "for i = 1, 3 do local a = i end", "1 1 1")
  -- A variable is read when the operator after it is.
  same(linesOf "x = {1}\nlocal a = x[1]\n  +\n  x[1]\nreturn", "1 2 3 4 3 5")
  x = nil
  same(linesOf "local function f()\n  return 1\nend\nlocal a = f()\nreturn a", "3 4 5")
end

-- What goes on past the last statement of a block visits the line on which the block ends before the next turn begins, and
-- what jumps there does not.
do
  local function turnsOf(body)
    return linesOf("local a, b, i = false, true, 0\nwhile i < 2 do i = i + 1\ndo\n" .. body .. "\nend\nend\nreturn")
  end
  same(turnsOf "for j = 1, 0 do end", "1 2 4 5 2 4 5 2 7")
  same(turnsOf "repeat local x = 1 until a or b", "1 2 4 5 2 4 5 2 7")
  same(turnsOf "repeat local x = 1 until b or a", "1 2 4 2 4 2 7")
  same(turnsOf "repeat local x = 1 until b and not a", "1 2 4 5 2 4 5 2 7")
  same(turnsOf "repeat local x = 1 until true", "1 2 4 5 2 4 5 2 7")
  same(turnsOf "repeat local x = 1 local function f() return x end until b", "1 2 4 2 4 2 7")
  same(turnsOf "local x = a and b", "1 2 4 2 4 2 7")
  same(turnsOf "local x = a == b", "1 2 4 5 2 4 5 2 7")
  same(turnsOf "local x = b and a or a == 1", "1 2 4 5 2 4 5 2 7")
  same(turnsOf "goto next ::next::", "1 2 4 2 4 2 7")
  same(turnsOf "if a then\nlocal x\nend", "1 2 4 2 4 2 9")
  local skipping = "local a, i = true, 0\nwhile i < 2 do\ni = i + 1\nif a then%sgoto next end\nlocal _ = i\n::next::\nend\nreturn"
  same(linesOf(skipping:format " "), "1 2 3 4 2 3 4 2 8")
  same(linesOf(skipping:format "\n"), "1 2 3 4 5 2 3 4 5 2 9")
  same(linesOf(skipping:format "\n":gsub("goto next", "break")), "1 2 3 4 9")
  -- A condition that is false leads over the goto behind it and, in one jump, where a jump after that leads.
  same(turnsOf "if i == 1 then goto next end\n::next::", "1 2 4 2 4 2 8")
  same(turnsOf "if i == 1 then goto next end ::next::", "1 2 4 2 4 2 7")
  same(turnsOf "if i == 1 then goto next\nelseif b then goto next end\n::next::", "1 2 4 2 4 5 2 9")
  same(turnsOf "if i == 1 then goto next end\nif a then goto next end\n::next::", "1 2 4 2 4 5 2 9")
  same(turnsOf "if i == 1 then goto next end\nlocal _\n::next::", "1 2 4 2 4 5 7 2 9")
  same(turnsOf "if a then break end", "1 2 4 5 2 4 5 2 7")
  same(linesOf "local a = false\nif not a then\nif a then goto next end\n::here::\nelse\na = 1\nend\n::next::\nreturn", "1 2 3 9")
  same(linesOf "local a if a then goto one end\ngoto two ::one:: a = 1 ::two:: a = 2\nreturn", "1 2 3")
  same(linesOf "local a if a then goto one end\ngoto two\n::one:: a = 1\n::two:: a = 2\nreturn", "1 4 5")
  local kept = "repeat local x = i local function f() return x end until x"
  same(turnsOf("if b then " .. kept .. "\nelse b = 1\nend"), "1 2 4 2 4 2 9")
  same(linesOf "local i = 0\n::top:: i = i + 1\ndo local x if i == 1 or i == 2 then\ngoto top end end\nreturn", "1 2 3 4 2 3 4 2 3 5")
  same(linesOf "local a = true\nif a then\ndo\nrepeat until a\nend\nelse\nlocal _ = a\nend\nreturn", "1 2 4 5 9")
  same(linesOf "local i = 0\nrepeat\ni = i + 1\nuntil true\nreturn", "1 3 5")
  -- What a break or goto leaves is closed where it leads.
  local keep = "local function keep() return x end\n"
  same(linesOf("for i = 1, 2 do\ndo\nlocal x = i " .. keep .. "if i then\nbreak\nend\nend\nend\nreturn"), "1 3 4 8 9")
  same(linesOf("while true do\nlocal x = 1 " .. keep .. "do break end\nend\nreturn"), "2 3 4 5")
  same(linesOf("repeat\nlocal x = 1 " .. keep .. "if x then break end\nuntil\nx == 2\nreturn"), "2 3 5 6")
  same(linesOf("for i = 1, 2 do\ndo\nlocal x = i " .. keep .. "goto next\nend\n::next::\nend\nreturn"), "1 3 4 6 1 3 4 6 1 8")
  same(linesOf("do\nlocal x <close> = nil\ndo goto done end\nend\nx = nil\n::done::\nreturn"), "2 3 6 7")
  -- A loop that consists of its jump alone begins a line at each turn.
  local function visits(loop)
    local count = 0
    sethook(function()
      count = count + 1
      if count == 5 then error("enough", 0) end
    end, "l")
    local _, message = pcall(load(loop))
    sethook()
    return message
  end
  same(visits "while true do end", "enough")
  same(visits "repeat until false", "enough")
  same(visits "::again:: goto again", "enough")
end

-- A goto backwards begins a line again, also to the same line.
same(linesOf "local i = 0 ::again:: i = i + 1 if i < 3 then goto again end", "1 1 1")

-- Calls and returns: Lua functions, library functions, tail calls, metamethods, iterators.
do
  local function inner() return 1 end
  local function outer() local x = inner() return x end
  same(eventsOf("cr", outer), "call f, call inner, return inner, return f")
  same(eventsOf("c", outer), "call f, call inner")
  local function tail() return inner() end
  same(eventsOf("cr", tail), "call f, tail call nil tail, return nil tail")
  local function library() return (math.floor(2.5)) end
  same(eventsOf("cr", library), "call f, call floor, return floor, return f")
  local function libraryTail() return math.floor(2.5) end
  same(eventsOf("cr", libraryTail), "call f, call floor, return floor, return f")
  local object = setmetatable({}, {__add = function(a, b) return b end, __len = rawlen, __index = rawget})
  same(eventsOf("cr", function() local a, b, c = object + 1, #object, object.x end), "call f, call add, return add, call len, return len, call index, return index, return f")
  same(eventsOf("c", function() for i in ipairs {7} do end end), "call f, call ipairs, call for iterator, call for iterator")
  same(eventsOf("r", pcall, error), "return f")
  local callable = setmetatable({}, {__call = function(self, n) return n end})
  same(eventsOf("cr", function() local n = callable(3) return callable(n) end), "call f, call callable, return callable, tail call nil tail, return nil tail")
end

-- Protected calls: an error skips returns, pcall's own return is seen.
do
  local function fails() error "no" end
  local function protected() pcall(fails) end
  same(eventsOf("cr", protected), "call f, call pcall, call nil, call error, return pcall, return f")
  local function handled() return (select(2, xpcall(fails, function(m) return m end))) end
  same(eventsOf("r", handled), "return nil, return xpcall, return select, return f")
end

-- The hook that is set sees the return of sethook, and the one that is taken away its call.
do
  local seen = {}
  sethook(function(event) seen[#seen + 1] = event .. " " .. getinfo(2, "n").name end, "cr")
  sethook()
  same(table.concat(seen, ", "), "return sethook, call sethook")
  assert(gethook() == nil)
end

-- gethook.
do
  local function hook() end
  sethook(hook, "lrc", 5)
  local f, mask, count = gethook()
  sethook()
  assert(f == hook and mask == "crl" and count == 5)
  sethook(hook, "")
  assert(gethook() == nil)
  sethook(hook, "x", 1000000)
  f, mask, count = gethook()
  sethook(nil)
  assert(f == hook and mask == "" and count == 1000000)
  for _, arguments in ipairs {{1, "l"}, {hook}, {hook, {}}, {hook, "l", "x"}} do
    assert(not pcall(sethook, table.unpack(arguments)))
  end
end

-- Counts: every instruction, or every n-th, loops in running functions included.
do
  local counted = 0
  local function work()
    local n = 0
    for i = 1, 300 do n = n + i end
    return n
  end
  for i = 1, 200 do work() end  -- hot by now
  sethook(function(event) assert(event == "count") counted = counted + 1 end, "", 1)
  work()
  sethook()
  assert(counted >= 600 and counted < 2000)
  local every = counted
  counted = 0
  sethook(function() counted = counted + 1 end, "", 100)
  work()
  sethook()
  assert(counted >= every // 100 - 1 and counted <= every // 100 + 1)
end

-- A hook can be set in the middle of hot code, and be taken away there.
do
  local lines = 0
  local function hook() lines = lines + 1 end
  local function work(n)
    local s = 0.5
    for i = 1, n do
      s = s + i
      if i == 400 then sethook(hook, "l") end
      if i == 410 then sethook() end
    end
    return s
  end
  for round = 1, 3 do
    lines = 0
    assert(work(1000) == 500500.5)
    same(lines, 41)
  end
  local function nested(depth)
    if depth == 0 then sethook(hook, "l") return 0 end
    local below = nested(depth - 1)
    return below + 1
  end
  for round = 1, 200 do
    lines = 0
    assert(nested(10) == 10)
    sethook()
    assert(lines >= 10)
  end
end

-- What calls and returns pass on.
do
  local transfers = {}
  local function hook(event)
    local about = getinfo(2, "fr")
    if about.func == sethook then return end
    local values = {}
    for i = about.ftransfer, about.ftransfer + about.ntransfer - 1 do
      local _, value = getlocal(2, i)
      values[#values + 1] = tostring(value)
    end
    transfers[#transfers + 1] = event .. ":" .. table.concat(values, " ")
  end
  local function gives(a, ...) return a, "x", ... end
  sethook(hook, "cr")
  gives(1, 2, 3)
  string.rep("ab", 2)
  sethook()
  same(table.concat(transfers, ", "), "call:1, return:1 x 2 3, call:ab 2, return:abab")
  assert(getinfo(1, "r").ftransfer == 0 and getinfo(1, "r").ntransfer == 0)
end

-- A hook is a function that the code calls: at its level it is named so, and it can look at and change variables.
do
  local function target()
    local value = 1
    value = value + 0
    return value
  end
  sethook(function(event, line)
    if getinfo(2, "f").func ~= target then return end
    local own = getinfo(1, "n")
    assert(own.namewhat == "hook" and own.name == "?")
    assert(string.find(debug.traceback(), "in hook '?'", 1, true))
    local name, value = getlocal(2, 1)
    if name == "value" and value == 1 then debug.setlocal(2, 1, 41.5) end
  end, "l")
  local result = target()
  sethook()
  assert(result == 41.5)
end

-- Hooks do not nest, may fail, and cannot yield.
do
  local depth, deepest = 0, 0
  local function helper() return depth end
  sethook(function()
    depth = depth + 1
    deepest = math.max(deepest, depth)
    helper()
    depth = depth - 1
  end, "crl")
  helper()
  sethook()
  assert(deepest == 1)

  sethook(function(event, line) error("stopped", 0) end, "", 1000)
  local ok, message = pcall(function() while true do end end)
  sethook()
  assert(not ok and message == "stopped")
  sethook(function() if getinfo(2, "f").func == string.rep then error { "object" } end end, "c")
  ok, message = pcall(string.rep, "x", 3)
  sethook()
  assert(not ok and message[1] == "object")

  local co = coroutine.wrap(function()
    sethook(function() coroutine.yield() end, "l")
    local ok, message = pcall(function()
      local a = 1
    end)
    sethook()
    return message
  end)
  local ok, message = pcall(co)
  assert(string.find(tostring(message), "attempt to yield across a C-call boundary", 1, true))
end

-- Each thread has its own; a new one gets none of the functions.
do
  local seen = {}
  local co = coroutine.create(function(a)
    local b = coroutine.yield(a)
    return b
  end)
  sethook(co, function(event) seen[#seen + 1] = event .. ":" .. tostring(getinfo(2, "n").name) end, "cr")
  assert(gethook() == nil and select(2, gethook(co)) == "cr")
  string.len "not seen"
  assert(select(2, coroutine.resume(co, 1)) == 1)
  assert(select(2, coroutine.resume(co, 2)) == 2)
  same(table.concat(seen, " "), "call:nil call:yield return:yield return:nil")
  local calls = 0
  sethook(function() calls = calls + 1 end, "c")
  local inherited = coroutine.wrap(function(...) string.len "x" return ... end)
  assert(inherited(7) == 7)
  sethook()
  same(calls, 4)  -- wrap, inherited, assert, sethook: nothing within the coroutine
end

-- Garbage collection within a hook sees everything that the interrupted instruction needs.
do
  local function work(...)
    local parts = {}
    for i = 1, 3 do parts[i] = {("x"):rep(i) .. i, ..., select("#", ...)} end
    local joined = (parts[1][1] .. "-" .. (parts[2][1] .. "|") .. parts[3][1])
    return joined, table.unpack(parts[3])
  end
  sethook(function() collectgarbage() end, "crl", 1)
  local joined, first, second = work({}, "a" .. tostring(1))
  sethook()
  assert(joined == "x1-xx2|xxx3" and first == "xxx3" and type(second) == "table")
end

-- Closing handlers, variadic functions and loops with to-be-closed values go on under a hook as without one.
do
  local log = {}
  local function guard(name) return setmetatable({}, {__close = function(_, e) log[#log + 1] = name .. tostring(e) end}) end
  local function work(...)
    local a <close> = guard "a"
    for k, v in next, {...}, nil, guard "loop" do log[#log + 1] = v end
    return ...
  end
  sethook(function() end, "crl", 1)
  local r = {work(1, 2)}
  local co = coroutine.wrap(function(...)
    local b <close> = guard "b"
    for i = 1, select("#", ...) do coroutine.yield((select(i, ...))) end
  end)
  assert(co("p", "q") == "p" and co() == "q" and co() == nil)
  sethook()
  assert(#r == 2 and table.concat(log, " ") == "1 2 loopnil anil bnil")
end

-- Lines of loops and blocks: a turn that ends early does not visit the line on which the body ends, and closing a variable
-- is one visit, however many handlers it calls.
do
  local function linesOf(f, ...)
    local first = debug.getinfo(f, "S").linedefined
    local log = {}
    sethook(function(_, line)
      if debug.getinfo(2, "f").func == f then log[#log + 1] = line - first end
    end, "l")
    f(...)
    sethook()
    return table.concat(log, " ")
  end
  local function skipping(wanted)
    local i = 0
    while i < 2 do
      i = i + 1
      if i == wanted then
        local _ = i
      end
    end
  end
  same(linesOf(skipping, 9), "1 2 3 4 2 3 4 2 8")
  same(linesOf(skipping, 1), "1 2 3 4 5 6 2 3 4 2 8")
  local function closing()
    do
      local a <close> = setmetatable({}, { __close = function() end })
      local b <close> = setmetatable({}, { __close = function() end })
      local _ = 1
    end
    return 1
  end
  same(linesOf(closing), "2 3 4 6")
  local function spread()
    return {
      1,
    }
  end
  same(linesOf(spread), "1 3")
  -- A call or return that passes nothing on has no first value either.
  local seen = {}
  local function nothing() end
  sethook(function(event)
    local info = debug.getinfo(2, "fr")
    if info.func == nothing then seen[#seen + 1] = event .. info.ftransfer .. info.ntransfer end
  end, "cr")
  nothing()
  sethook()
  same(table.concat(seen, " "), "call00 return00")
end

-- A hook that takes itself away while a function that a vararg function has called in its end is running.
do
  local function counted(...) return select("#", ...) end
  local function listed(...) return select(1, ...) end
  local function hookUntil(event)
    sethook(function(now)
      if now == event and debug.getinfo(2, "f").func == select then sethook() end
    end, "cr")
  end
  for _, event in ipairs { "call", "return" } do
    for extra = 0, 3 do
      hookUntil(event)
      local count = 1000 + counted(table.unpack({ 1, 2, 3 }, 1, extra))
      same(count, 1000 + extra)
      hookUntil(event)
      local first, second = listed("a", "b", table.unpack({ 1, 2, 3 }, 1, extra))
      same(first .. second, "ab")
    end
  end
end
