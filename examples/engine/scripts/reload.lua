-- Hot reload: a module's code is loaded again while its state, and every reference to the module, stays.
--
-- A module that wants to keep state asks for it by name instead of making it:
--
--     local state = require("reload").state("behaviour", function() return {eaten = 0} end)
--
-- and its users call its functions through the module's table, `behaviour.think(self)`, not through locals that
-- hold the functions: the table stays the same one, with new functions in it.
local reload = {}

local states = {}

-- The state kept under a name; the first time it is made by `initial`.
function reload.state(name, initial)
  if states[name] == nil then states[name] = initial() end
  return states[name]
end

-- Loads a module's code again. Returns its table or, if the new code fails, nil and the error; then all is as it was.
function reload.module(name)
  local known = package.loaded[name]
  package.loaded[name] = nil
  local loaded, fresh = pcall(require, name)
  if loaded and type(known) == "table" and type(fresh) == "table" then
    for key in pairs(known) do
      if fresh[key] == nil then known[key] = nil end
    end
    for key, value in pairs(fresh) do known[key] = value end
    setmetatable(known, getmetatable(fresh))
    fresh = known
  end
  if not loaded then
    package.loaded[name] = known
    return nil, tostring(fresh)
  end
  package.loaded[name] = fresh
  return fresh
end

return reload
