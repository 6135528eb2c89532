local guard <close> = setmetatable({}, {__close = function(_, e) return e end})
local limit <const> = 3
local function counter()
  local n = 0
  return function() n = n + 1 return n end, function(v) n = v end
end
local get, set = counter()
local functions = {}
for i = 1, limit do functions[i] = function() return i + get() end end
for k, v in next, functions, nil, guard do set(v()) end
local co = coroutine and coroutine.wrap(function(...) local x = ... return x end) or pcall
return co(error, "x"), pcall(function() local t = nil return t.x.y end), ("x"):rep(3)
