-- What every program of debug_programs.py begins with: how the stack, variables and events are printed. Objects are numbered
-- as they are met, so no address is printed. What only Selvage can know (temporaries, upvalues of library functions) is left out.
local getinfo, getlocal = debug.getinfo, debug.getlocal
local numbers, count = {}, 0
local looks, quiet = 0, false
local MAX_LOOKS <const>, MAX_EVENTS <const> = 60, 1000
local function show(v)
  local kind = type(v)
  if kind == "string" then return ("%q"):format(v) end
  if kind == "nil" or kind == "number" or kind == "boolean" then return tostring(v) end
  if not numbers[v] then
    count = count + 1
    numbers[v] = kind .. count
  end
  return numbers[v]
end
local function showAll(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = show(parts[i]) end
  return table.concat(parts, " ")
end
local function report(...) print(showAll(...)) end
local function showLines(set)
  local lines = {}
  for line in pairs(set) do lines[#lines + 1] = line end
  table.sort(lines)
  return "{" .. table.concat(lines, ",") .. "}"
end
local function describe(info)
  local fields = {}
  for k, v in pairs(info) do
    if k == "activelines" then fields[#fields + 1] = k .. "=" .. showLines(v)
    elseif k ~= "nups" or info.what and info.what ~= "C" then fields[#fields + 1] = k .. "=" .. show(v) end
  end
  table.sort(fields)
  return table.concat(fields, " ")
end
-- Variables and extra arguments: get(i) is getlocal for a level.
local function variables(get)
  local parts = {}
  for step = 1, -1, -2 do
    local i = step
    while true do
      local name, value = get(i)
      if not name then break end
      if name ~= "(temporary)" and name ~= "(C temporary)" then parts[#parts + 1] = i .. name .. "=" .. show(value) end
      i = i + step
    end
  end
  return table.concat(parts, " ")
end
local function isSilent()
  looks = looks + 1
  return quiet or looks > MAX_LOOKS
end
local function look(label, options)
  if isSilent() then return end
  print("-- look", label)
  local level = 2
  while true do
    local info = getinfo(level, options or "nSlutfr")
    if not info then break end
    print(level, describe(info))
    print("", variables(function(i) return getlocal(level + 2, i) end))
    level = level + 1
  end
end
local function lookAtThread(thread)
  if isSilent() then return end
  print("-- thread", coroutine.status(thread))
  local level = 0
  while true do
    local info = getinfo(thread, level, "nSlutfrL")
    if not info then break end
    print(level, describe(info))
    print("", variables(function(i) return getlocal(thread, level, i) end))
    level = level + 1
  end
  print(debug.traceback(thread))
  print(debug.traceback(thread, "message", 1))
end
local function trace(label, ...)
  if isSilent() then return end
  print("-- trace", label)
  local text = debug.traceback(...)
  print(type(text) == "string" and text or show(text))
end
local function setLocal(wanted, value)
  for i = 1, 200 do
    local name = getlocal(2, i)
    if name == wanted then return debug.setlocal(2, i, value) end
    if not name then return nil end
  end
end
local function upvalues(f)
  if isSilent() then return end
  local i = 1
  while true do
    local name, value = debug.getupvalue(f, i)
    if not name then break end
    print("upvalue", i, name, show(value), debug.upvalueid(f, i) == debug.upvalueid(f, 1))
    i = i + 1
  end
  print(describe(getinfo(f, "nSlutfrL")), getlocal(f, 1), getlocal(f, 2))
end
-- The events of a call of f, in their order, with what passes at calls and returns.
local function hooked(mask, f, ...)
  local log = {}
  local function hook(event, line)
    local info = getinfo(2, "nSltr")
    local text = showAll(event, line, info.name, info.namewhat, info.what, info.currentline, info.istailcall)
    if info.what ~= "C" then
      text = text .. " " .. info.ftransfer .. " " .. info.ntransfer
      for i = info.ftransfer, info.ftransfer + info.ntransfer - 1 do
        local name, value = getlocal(2, i)
        text = text .. " " .. (event == "return" and "" or name .. "=") .. show(value)
      end
    end
    log[#log + 1] = text
  end
  quiet = true
  debug.sethook(hook, mask)
  local results = table.pack(pcall(f, ...))
  debug.sethook()
  quiet = false
  print("-- hooked", mask, #log, showAll(table.unpack(results, 1, results.n)))
  for i = 1, math.min(#log, MAX_EVENTS) do print(log[i]) end
end
local function handler(message)
  look("handler")
  return type(message) == "string" and message .. "!" or message
end
