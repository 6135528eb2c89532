-- What every program of control_programs.py begins with: values and endings are printed, closers and objects do what their
-- mode says, and every coroutine is driven to its end or closed on the way.
local fuel, steps = 400, 0
local function show(v)
  local kind = type(v)
  if kind == "table" then return rawget(v, "name") or "table" end
  return (kind == "function" or kind == "thread") and kind or tostring(v)
end
local function say(...)
  steps = steps + 1
  if steps > 2000 then return end
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = show(parts[i]) end
  print(table.concat(parts, " "))
end
-- Every loop and call comes by here, so that programs end.
local function tick()
  fuel = fuel - 1
  if fuel < 0 then error("out of fuel", 0) end
end
local function pass(...)
  if coroutine.isyieldable() and fuel > 0 then return coroutine.yield(...) end
  return ...
end
local function act(mode, name, ...)
  tick()
  if mode == "yield" then return pass(name, ...) end
  if mode == "raise" then error("raised by " .. name, 0) end
  if mode == "throw" then error({ name = "error of " .. name }) end
  return ...
end
local function closer(name, mode)
  return setmetatable({ name = name }, { __close = function(self, e)
    say("close", self, e)
    return act(mode, name)
  end })
end
local Object = {}
for _, event in ipairs { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot", "concat",
                         "len", "eq", "lt", "le", "index", "newindex", "call" } do
  Object["__" .. event] = function(a, b, c)
    say(event, a, b, c)
    local mode = type(a) == "table" and rawget(a, "mode") or type(b) == "table" and rawget(b, "mode")
    if event == "newindex" then return act(mode, event) end
    return act(mode, event, event == "call" and 3 or 7, 8)
  end
end
local function object(name, mode) return setmetatable({ name = name, mode = mode }, Object) end
local function report(...) say("result", ...) end
-- Resumes a coroutine until it is dead, or closes it before the resume of that number.
local function drive(limit, f, ...)
  local thread = coroutine.create(f)
  local results = table.pack(coroutine.resume(thread, ...))
  for i = 1, limit do
    say("resumed", coroutine.status(thread), table.unpack(results, 1, results.n))
    if coroutine.status(thread) == "dead" then break end
    results = table.pack(coroutine.resume(thread, i, "again"))
  end
  say("closed", coroutine.close(thread))
  return coroutine.status(thread), results.n
end
