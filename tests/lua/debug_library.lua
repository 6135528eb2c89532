-- The debug library but for hooks (manual 6.10): information, variables, tracebacks.

local getinfo, getlocal, setlocal = debug.getinfo, debug.getlocal, debug.setlocal

-- getinfo of functions: source, parameters, lines.
do
  local function f(a, b, ...)
    local c = a

    return c, b, ...
  end
  local info = getinfo(f)
  assert(info.what == "Lua" and info.func == f and info.nparams == 2 and info.isvararg == true and info.nups == 0)
  assert(info.name == nil and info.namewhat == "" and info.currentline == -1 and info.istailcall == false)
  assert(info.lastlinedefined == info.linedefined + 4 and info.ftransfer == 0 and info.ntransfer == 0)
  assert(info.activelines == nil)
  local lines = getinfo(f, "L").activelines
  local first = info.linedefined
  assert(lines[first + 1] and lines[first + 3] and lines[first + 4])
  assert(not lines[first] and not lines[first + 2] and not lines[first + 5])
  info = getinfo(1, "S")
  assert(info.what == "main" and info.linedefined == 0 and info.lastlinedefined == 0)
  info = getinfo(string.rep)
  assert(info.what == "C" and info.short_src == "[C]" and info.source == "=[C]" and info.linedefined == -1)
  assert(info.lastlinedefined == -1 and info.isvararg and info.nparams == 0)
  assert(getinfo(string.rep, "L").activelines == nil and getinfo(1000) == nil and getinfo(-1) == nil)
  assert(not pcall(getinfo, 1, ">") and not pcall(getinfo, 1, "Y") and not pcall(getinfo, {}))
end

-- Tail calls: the frame says so, its function has no name, and tracebacks tell.
do
  local function where() return getinfo(1, "nt"), getinfo(2, "nt"), debug.traceback "here" end
  local function tail() return where() end
  local own, caller, text = tail()
  assert(own.istailcall and own.name == nil and own.namewhat == "" and not caller.istailcall)
  assert(string.find(text, "\n\t[^\n]*: in function <[^\n]*\n\t%(%.%.%.tail calls%.%.%.%)\n"))
  local direct = where()
  assert(not direct.istailcall and direct.name == "where" and direct.namewhat == "local")
  -- Also for variadic functions, and through __call.
  local function variadic(...) return getinfo(1, "t").istailcall, ... end
  local function tailToVariadic(...) return variadic(...) end
  for i = 1, 200 do
    local isTail, a, b = tailToVariadic(i, "b")
    assert(isTail == true and a == i and b == "b")
  end
  assert((variadic()) == false)
  local callable = setmetatable({}, {__call = function(self) return getinfo(1, "t").istailcall end})
  local function tailToCallable() return callable() end
  assert(tailToCallable() == true)
  local isTail = callable()
  assert(isTail == false)
end

-- Local variables, extra arguments, and what is in no variable.
do
  local function f(a, ...)
    local b = "second"
    do local hidden = 1 end
    local n1, v1 = getlocal(1, 1)
    local n2, v2 = getlocal(1, 2)
    assert(n1 == "a" and v1 == a and n2 == "b" and v2 == b)
    assert(setlocal(1, 2, 5) == "b" and b == 5)
    assert(getlocal(1, -3) == nil and setlocal(1, -3, 0) == nil)
    local name, value = getlocal(1, -2)
    assert(name == "(vararg)" and value == 20)
    assert(setlocal(1, -1, "changed") == "(vararg)")
    return ...
  end
  assert(f(1, 10, 20) == "changed")
  assert(getlocal(f, 1) == "a" and getlocal(f, 2) == nil and getlocal(print, 1) == nil)
  for i = 1, 1 do
    local names = {}
    for n = 1, 30 do
      local name = getlocal(1, n)
      if not name then break end
      names[#names + 1] = name
    end
    local text = table.concat(names, " ")
    assert(string.find(text, "(for state) (for state) (for state) i", 1, true), text)
  end
  -- A pending operand is a temporary of the caller's, an argument of a library function one of a C function.
  local function looks()
    local found
    for i = 1, 100 do
      local name, value = getlocal(2, i)
      if name == "(temporary)" and value == "pending operand" then found = i end
      if not name then break end
    end
    assert(found and setlocal(2, found, "replaced operand") == "(temporary)")
    return "!"
  end
  local operands = {"pending operand"}
  local joined = operands[1] .. looks()
  assert(joined == "replaced operand!")
  local name, value
  pcall(string.gsub, "x", "x", function() name, value = getlocal(2, 1) end)
  assert(name == "(C temporary)" and value == "x")
  assert(not pcall(getlocal, 300, 1) and not pcall(setlocal, 300, 1, 1))
end

-- Threads: also those that are not running, and those that failed.
do
  local function body(...)
    local seen = "inside"
    coroutine.yield(...)
    error "at the end"
  end
  local co = coroutine.create(body)
  assert(getinfo(co, 0) == nil and debug.traceback(co) == "stack traceback:")
  coroutine.resume(co, 1, 2)
  assert(getinfo(co, 0, "f").func == coroutine.yield and getinfo(co, 1, "f").func == body and getinfo(co, 2) == nil)
  assert(getlocal(co, 1, 1) == "seen" and select(2, getlocal(co, 1, 1)) == "inside")
  assert(select(2, getlocal(co, 1, -2)) == 2 and setlocal(co, 1, 1, "outside") == "seen")
  assert(select(2, string.gsub(debug.traceback(co), "\n", "")) == 2)
  assert(not coroutine.resume(co))
  assert(getinfo(co, 0, "f").func == error and getinfo(co, 1, "f").func == body)
  assert(getinfo(co, 1, "l").currentline == getinfo(body, "S").linedefined + 3)
  assert(select(2, getlocal(co, 1, 1)) == "outside")
  assert(string.find(debug.traceback(co, "why"), "^why\nstack traceback:\n\t%[C%]: in function 'error'\n"))
  assert(string.find(debug.traceback(co, nil, 1), "^stack traceback:\n\t[^\n]*debug_library.lua:%d+: in function <[^\n]*$"))
  local failedInLua = coroutine.create(function() local t = nil; return t.x end)
  coroutine.resume(failedInLua)
  assert(getinfo(failedInLua, 0, "l").currentline == getinfo(1, "l").currentline - 2)
  assert(coroutine.close(failedInLua) == false)
end

-- A to-be-closed variable's handler runs without the message handlers of what was running in the coroutine. (Before
-- Lua 5.4.5 the reference did call them, so only this implementation is asked.)
if pcall(require, "selvage") then
  local co = coroutine.create(function()
    local guard <close> = setmetatable({}, {__close = function() error {code = 7} end})
    xpcall(coroutine.yield, function() return "handled" end)
  end)
  coroutine.resume(co)
  local ok, message = coroutine.close(co)
  assert(ok == false and message.code == 7)
end

-- Finalizers are known by name.
do
  local info
  setmetatable({}, {__gc = function() info = getinfo(1, "n") end})
  repeat local garbage = {} collectgarbage() until info
  assert(info.name == "__gc" and info.namewhat == "metamethod")
end

-- Upvalues: by position, identity, sharing.
do
  local a, b = 1, 2
  local function both() return a, b end
  local function onlyB() return b end
  assert(debug.getupvalue(both, 1) == "a" and select(2, debug.getupvalue(both, 2)) == 2)
  assert(debug.getupvalue(both, 3) == nil and debug.getupvalue(both, 0) == nil)
  assert(debug.upvalueid(both, 2) == debug.upvalueid(onlyB, 1) and debug.upvalueid(both, 1) ~= debug.upvalueid(onlyB, 1))
  assert(not debug.upvalueid(both, 3))
  debug.upvaluejoin(onlyB, 1, both, 1)
  assert(onlyB() == 1 and debug.setupvalue(onlyB, 1, 10) == "b")
  assert(a == 10 and onlyB() == 10)
  assert(not pcall(debug.upvaluejoin, both, 3, onlyB, 1) and not pcall(debug.upvaluejoin, print, 1, onlyB, 1))
end

-- Stripped code runs without names and lines, and says so.
do
  local dumped = string.dump(function(x)
    local y = x
    return debug.getinfo(1, "lS"), debug.getlocal(1, 2)
  end, true)
  local info, name, value = load(dumped)(5)
  assert(info.currentline == -1 and info.short_src == "?" and info.source == "=?" and name == "(temporary)" and value == 5)
  local lines = {}
  local stripped = load(string.dump(load "local a = 1\nlocal b = 2", true))
  debug.sethook(function(_, line) lines[#lines + 1] = line or "none" end, "l")
  stripped()
  debug.sethook()
  assert(math.type(lines[1]) == "integer" and lines[2] == "none" and lines[3] == lines[1] + 1)
end

-- Levels that no stack has.
for _, level in ipairs { -1, 1000, math.maxinteger } do
  assert(debug.traceback("message", level) == "message\nstack traceback:")
end

-- Every function that the manual names is there.
for name in ([[debug gethook getinfo getlocal getmetatable getregistry getupvalue getuservalue sethook setlocal setmetatable
               setupvalue setuservalue traceback upvalueid upvaluejoin setcstacklimit]]):gmatch "%a+" do
  assert(type(debug[name]) == "function", name)
end
assert(debug.setcstacklimit(1000) == 200 and not pcall(debug.setcstacklimit))

-- Lines of statements that are spread over several: a value is on the line of what follows it, a comparison on that of its
-- right side, the others on the line of their operator.
do
  local function activeLines(text)
    local f = assert(load("local u\nreturn function(a, b, c, ...)\n" .. text:gsub(" ", "\n") .. "\nend"))()
    local lines = {}
    for line in pairs(debug.getinfo(f, "L").activelines) do lines[#lines + 1] = line - 2 end
    table.sort(lines)
    return table.concat(lines, " ")
  end
  for text, expected in pairs {
    ["local x"] = "2 3", ["local x = { }"] = "3 6", ["local x = { 1 , a }"] = "3 6 8 9", ["return a"] = "2 3",
    ["return { 1 , a }"] = "1 4 6 7", ["local x = a == b"] = "6 7", ["local x = a < 1"] = "6 7",
    ["local x = not a"] = "5 6", ["local x = - a"] = "4 6", ["local x = a .. 'x'"] = "5 6 7", ["local x = a and b"] = "5 6 7",
    ["local x = a or b or c"] = "5 7 8 9", ["local x = ..."] = "3 5", ["a , b = 1 , 2"] = "6 7 8",
    ["local x = ( a . b ) + c"] = "8 9 11", ["for i = 1 , 2 do local x = i end"] = "1 4 6 7 11 13",
    ["local x < close > = nil local y = 1 return y"] = "7 11 13 14",
  } do
    assert(activeLines(text) == expected, text .. ": " .. activeLines(text))
  end
  local _, message = pcall(load "local a, b = 1, {}\nlocal x = a\n<\nb")
  assert(message == '[string "local a, b = 1, {}..."]:4: attempt to compare number with table')
end
