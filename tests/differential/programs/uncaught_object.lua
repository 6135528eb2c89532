-- An uncaught error object with __tostring, inside nested calls and a coroutine.
local problem = setmetatable({ code = 7 }, { __tostring = function(self) return "problem " .. self.code end })
print(pcall(error, problem) == false)
local run = coroutine.wrap(function()
  coroutine.yield "first"
  error(problem)
end)
print(run())
run()
