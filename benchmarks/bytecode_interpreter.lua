-- An interpreter for a small stack machine, run on the machine code of two programs: dispatch by comparison chains
-- and by a table of functions.
-- quick: 300
local n = tonumber(arg and arg[1]) or 60000

local push, load, store, add, subtract, multiply, modulo, jump, jumpIfZero, jumpIfLess, halt =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11

-- ---- dispatch by comparison ----

local function runByComparison(code, variables)
  local stack, top, pc = {}, 0, 1
  while true do
    local operation, operand = code[pc], code[pc + 1]
    pc = pc + 2
    if operation == push then
      top = top + 1
      stack[top] = operand
    elseif operation == load then
      top = top + 1
      stack[top] = variables[operand]
    elseif operation == store then
      variables[operand] = stack[top]
      top = top - 1
    elseif operation == add then
      top = top - 1
      stack[top] = stack[top] + stack[top + 1]
    elseif operation == subtract then
      top = top - 1
      stack[top] = stack[top] - stack[top + 1]
    elseif operation == multiply then
      top = top - 1
      stack[top] = stack[top] * stack[top + 1]
    elseif operation == modulo then
      top = top - 1
      stack[top] = stack[top] % stack[top + 1]
    elseif operation == jump then
      pc = operand
    elseif operation == jumpIfZero then
      if stack[top] == 0 then pc = operand end
      top = top - 1
    elseif operation == jumpIfLess then
      top = top - 2
      if stack[top + 1] < stack[top + 2] then pc = operand end
    elseif operation == halt then
      return
    else
      error("unknown operation " .. tostring(operation))
    end
  end
end

-- ---- dispatch by table ----

local handlers = {
  [push] = function(machine, operand)
    local top = machine.top + 1
    machine.top = top
    machine.stack[top] = operand
  end,
  [load] = function(machine, operand)
    local top = machine.top + 1
    machine.top = top
    machine.stack[top] = machine.variables[operand]
  end,
  [store] = function(machine, operand)
    local top = machine.top
    machine.variables[operand] = machine.stack[top]
    machine.top = top - 1
  end,
  [jump] = function(machine, operand) machine.pc = operand end,
  [jumpIfZero] = function(machine, operand)
    local top = machine.top
    machine.top = top - 1
    if machine.stack[top] == 0 then machine.pc = operand end
  end,
  [jumpIfLess] = function(machine, operand)
    local stack, top = machine.stack, machine.top - 2
    machine.top = top
    if stack[top + 1] < stack[top + 2] then machine.pc = operand end
  end,
  [halt] = function(machine) machine.running = false end,
}

local function binary(operation, compute)
  handlers[operation] = function(machine)
    local stack, top = machine.stack, machine.top - 1
    machine.top = top
    stack[top] = compute(stack[top], stack[top + 1])
  end
end
binary(add, function(a, b) return a + b end)
binary(subtract, function(a, b) return a - b end)
binary(multiply, function(a, b) return a * b end)
binary(modulo, function(a, b) return a % b end)

local function runByTable(code, variables)
  local machine = { stack = {}, top = 0, pc = 1, variables = variables, running = true }
  while machine.running do
    local pc = machine.pc
    machine.pc = pc + 2
    handlers[code[pc]](machine, code[pc + 1])
  end
end

-- ---- an assembler: operations with operands, and labels (strings) to jump to ----

local function assemble(source)
  local code, labels, position = {}, {}, 1
  for _, line in ipairs(source) do
    if type(line) == "string" then labels[line] = position else position = position + 2 end
  end
  for _, line in ipairs(source) do
    if type(line) ~= "string" then
      local operand = line[2] or 0
      if type(operand) == "string" then operand = labels[operand] or error("no label " .. operand) end
      code[#code + 1] = line[1]
      code[#code + 1] = operand
    end
  end
  return code
end

-- Sum of i * i modulo 97 for i in 1 .. variable 1, into variable 3.
local squares = assemble({
  { push, 0 }, { store, 2 }, { push, 0 }, { store, 3 },
  "again",
  { load, 2 }, { push, 1 }, { add }, { store, 2 },
  { load, 3 }, { load, 2 }, { load, 2 }, { multiply }, { push, 97 }, { modulo }, { add }, { store, 3 },
  { load, 2 }, { load, 1 }, { jumpIfLess, "again" },
  { halt },
})

-- The greatest common divisor of variables 1 and 2, into variable 1.
local divisor = assemble({
  "again",
  { load, 2 }, { jumpIfZero, "done" },
  { load, 1 }, { load, 2 }, { modulo },
  { load, 2 }, { store, 1 }, { store, 2 },
  { jump, "again" },
  "done",
  { halt },
})

local function gcd(a, b)
  while b ~= 0 do a, b = b, a % b end
  return a
end

local expected = 0
for i = 1, n do expected = expected + i * i % 97 end
for _, run in ipairs({ runByComparison, runByTable }) do
  for _ = 1, 3 do
    local variables = { n, 0, 0 }
    run(squares, variables)
    if variables[3] ~= expected then error("wrong sum: " .. variables[3]) end
  end
  for i = 1, n / 10 do
    local variables = { i * 6, 4 * (n - i) + 12 }
    local wanted = gcd(variables[1], variables[2])
    run(divisor, variables)
    if variables[1] ~= wanted then error("wrong divisor: " .. variables[1]) end
  end
end
print(expected)
