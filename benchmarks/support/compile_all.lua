-- Loads the programs arg[3] and following, arg[2] times over, without running them, and writes to the file arg[1] for each
-- round what the JIT compiled for it: functions, bytecodes, bytes of machine code, seconds. To be run with --jit=always.
local output, rounds = arg[1], tonumber(arg[2])
local jit = require "selvage".jit
local results = {}
for round = 1, rounds do
  collectgarbage() -- of the last round's functions
  local before = jit.status()
  for i = 3, #arg do assert(loadfile(arg[i])) end
  local after = jit.status()
  results[round] = string.format("%d %d %d %.9f\n", after.functions - before.functions, after.bytecodes - before.bytecodes,
    after.codeBytes - before.codeBytes, after.seconds - before.seconds)
end
local file = assert(io.open(output, "w"))
file:write(table.concat(results))
file:close()
