-- Recursion without an end, by every way in which functions call functions, is an error that can be caught, and soon.
-- test: gc-stress=5000

local function endless(what, f, message)
  local start = os.clock()
  local ok, problem = pcall(f)
  assert(not ok, what)
  assert(tostring(problem):find(message, 1, true), what .. ": " .. tostring(problem))
  assert(os.clock() - start < 10, what .. " takes too long")
end

local function object(event, handler) return setmetatable({}, { [event] = handler }) end

-- What is protected meets its own limit: the innermost call fails and all others succeed.
local function protected() return pcall(protected) end
local function handled() return xpcall(handled, function(problem) return problem end) end
for name, f in pairs { pcall = protected, xpcall = handled } do
  local start = os.clock()
  local results = table.pack(f())
  assert(results[1] == true and results.n > 100, name)
  assert(results[results.n - 1] == false and results[results.n]:find("stack overflow", 1, true), name)
  assert(os.clock() - start < 10, name .. " takes too long")
end

-- Results that are not handed on.
local depth = 0
local function counted()
  depth = depth + 1
  local ok, problem = pcall(counted)
  return ok, problem
end
assert(counted() == true and depth > 100)
depth = 0
assert(counted() == true and depth > 100) -- the limit is not used up

local function wrapped() return coroutine.wrap(wrapped)() end
endless("coroutine.wrap", wrapped, "C stack overflow")
local function resumed() return assert(coroutine.resume(coroutine.create(resumed))) end
endless("coroutine.resume", resumed, "C stack overflow")

endless("table.sort", function()
  local function compare(a, b)
    table.sort({ 3, 2, 1 }, compare)
    return a < b
  end
  table.sort({ 3, 2, 1 }, compare)
end, "stack overflow")
local function replaced() return (string.gsub("a", "a", replaced)) end
endless("string.gsub", replaced, "stack overflow")
local function loaded() return assert(load(loaded)) end
endless("load", function() return loaded() end, "stack overflow")
endless("tostring", function() return tostring(object("__tostring", function(self) return tostring(self) end)) end,
  "stack overflow")

endless("__index", function() return object("__index", function(self, key) return self[key] .. "" end).x end,
  "stack overflow")
endless("__newindex", function() object("__newindex", function(self, key) self[key] = 1 end).x = 1 end, "stack overflow")
endless("__concat", function() return object("__concat", function(a, b) return (a .. b) end) .. "" end, "stack overflow")
endless("__lt", function()
  local x = object("__lt", function(a, b) return not (a < b) end)
  return x < x
end, "stack overflow")
endless("__call", function() return object("__call", function(self) return (self()) end)() end, "stack overflow")
endless("__pairs", function() return pairs(object("__pairs", function(self) return (pairs(self)) end)) end,
  "stack overflow")
local function closing()
  local _ <close> = object("__close", function() closing() end)
end
endless("__close", closing, "stack overflow")
local function iterating()
  for _ in iterating do end
end
endless("an iterator", iterating, "stack overflow")
