-- Programs of a tiny language: interpreted step by step, and translated to Lua source and loaded.
local function interpret(program, input)
  local jumps, stack = {}, {}
  for i = 1, #program do
    local c = program:sub(i, i)
    if c == "[" then
      stack[#stack + 1] = i
    elseif c == "]" then
      local open = table.remove(stack)
      jumps[i], jumps[open] = open, i
    end
  end
  local cells, pointer, pc, read, output, steps = setmetatable({}, { __index = function() return 0 end }), 0, 1, 0, {}, 0
  while pc <= #program do
    local c = program:byte(pc)
    if c == 62 then pointer = pointer + 1
    elseif c == 60 then pointer = pointer - 1
    elseif c == 43 then cells[pointer] = (cells[pointer] + 1) % 256
    elseif c == 45 then cells[pointer] = (cells[pointer] - 1) % 256
    elseif c == 46 then output[#output + 1] = string.char(cells[pointer])
    elseif c == 44 then
      read = read + 1
      cells[pointer] = input:byte(read) or 0
    elseif c == 91 and cells[pointer] == 0 then pc = jumps[pc]
    elseif c == 93 and cells[pointer] ~= 0 then pc = jumps[pc]
    end
    pc, steps = pc + 1, steps + 1
  end
  return table.concat(output), steps
end
local templates = { [">"] = "p = p + %d", ["<"] = "p = p - %d", ["+"] = "c[p] = (c[p] + %d) %% 256", ["-"] = "c[p] = (c[p] - %d) %% 256" }
local function translate(program)
  local lines = { "local c, input, emit = ... local p, r = 0, 0" }
  local i = 1
  while i <= #program do
    local c = program:sub(i, i)
    if templates[c] then
      local run = program:match("^%" .. c .. "+", i)
      lines[#lines + 1] = templates[c]:format(#run)
      i = i + #run - 1
    elseif c == "." then lines[#lines + 1] = "emit(c[p])"
    elseif c == "," then lines[#lines + 1] = "r = r + 1 c[p] = input:byte(r) or 0"
    elseif c == "[" then lines[#lines + 1] = "while c[p] ~= 0 do"
    elseif c == "]" then lines[#lines + 1] = "end"
    end
    i = i + 1
  end
  return table.concat(lines, "\n")
end
local programs = {
  { "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.", "" },
  { ",[.,]", "echo this" },
  { ">,[>,]<[.<]", "reverse" },
  { "++++++[>++++++++<-]>+++.[-]++++++++++.", "" },
  { ",>,<[>[>+>+<<-]>>[<<+>>-]<<<-]>>.", string.char(7) .. string.char(9) },
  { "+++++[>+++++++>++<<-]>.>.[.-]", "" },
}
for index, entry in ipairs(programs) do
  local program, input = entry[1], entry[2]
  local output, steps = interpret(program, input)
  local source = translate(program)
  local parts = {}
  assert(load(source, "=translated"))(setmetatable({}, { __index = function() return 0 end }), input, function(v) parts[#parts + 1] = string.char(v) end)
  print(index, steps, #source, output == table.concat(parts), (("%q"):format(output)))
end
