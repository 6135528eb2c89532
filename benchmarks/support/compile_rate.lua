-- Runs the benchmark program arg[1] with the size arg[2] and then writes to the file arg[3] what the JIT compiled for
-- it: functions, bytecodes, bytes of machine code, seconds.
local program, size, output = arg[1], arg[2], arg[3]
arg = { [0] = program, size }
dofile(program)
local status = require "selvage".jit.status()
local file = assert(io.open(output, "w"))
file:write(string.format("%d %d %d %.9f\n", status.functions, status.bytecodes, status.codeBytes, status.seconds))
file:close()
