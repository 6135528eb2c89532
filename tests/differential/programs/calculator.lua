-- A tokenizer, a parser to trees and two evaluators (walking the tree, and closures made from it).
local function tokenize(source)
  local tokens, position = {}, 1
  while true do
    position = source:find("%S", position)
    if not position then break end
    local number = source:match("^%d+%.?%d*", position)
    local name = source:match("^%a%w*", position)
    local text = number or name or source:sub(position, position)
    tokens[#tokens + 1] = { kind = number and "number" or name and "name" or text, text = text, at = position }
    position = position + #text
  end
  tokens[#tokens + 1] = { kind = "end", text = "", at = #source + 1 }
  return tokens
end
local levels = { ["+"] = 1, ["-"] = 1, ["*"] = 2, ["/"] = 2, ["%"] = 2, ["^"] = 4 }
local function parse(source)
  local tokens, index = tokenize(source), 1
  local expression
  local function take(kind)
    local token = tokens[index]
    if token.kind ~= kind then error({ message = "expected " .. kind .. " but got '" .. token.text .. "'", at = token.at }) end
    index = index + 1
    return token
  end
  local function primary()
    local token = tokens[index]
    index = index + 1
    if token.kind == "number" then return { "number", tonumber(token.text) } end
    if token.kind == "-" then return { "negate", expression(3) } end
    if token.kind == "(" then
      local inner = expression(1)
      take ")"
      return inner
    end
    if token.kind == "name" then
      if tokens[index].kind ~= "(" then return { "variable", token.text } end
      index = index + 1
      local arguments = {}
      if tokens[index].kind ~= ")" then
        repeat arguments[#arguments + 1] = expression(1) until tokens[index].kind ~= "," or not take ","
      end
      take ")"
      return { "call", token.text, arguments }
    end
    error { message = "unexpected '" .. token.text .. "'", at = token.at }
  end
  function expression(level)
    local left = primary()
    while levels[tokens[index].kind] and levels[tokens[index].kind] >= level do
      local operator = tokens[index].kind
      index = index + 1
      local right = expression(operator == "^" and levels[operator] or levels[operator] + 1)
      left = { operator, left, right }
    end
    return left
  end
  local tree = expression(1)
  take "end"
  return tree
end
local operations = {
  ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end, ["*"] = function(a, b) return a * b end,
  ["/"] = function(a, b) return a / b end, ["%"] = function(a, b) return a % b end, ["^"] = function(a, b) return a ^ b end,
}
local functions = { max = math.max, min = math.min, floor = math.floor, abs = math.abs, sum = function(...)
  local total = 0
  for _, v in ipairs { ... } do total = total + v end
  return total
end }
local function show(tree)
  local kind = tree[1]
  if kind == "number" or kind == "variable" then return tostring(tree[2]) end
  if kind == "negate" then return "(-" .. show(tree[2]) .. ")" end
  if kind == "call" then
    local parts = {}
    for i, argument in ipairs(tree[3]) do parts[i] = show(argument) end
    return tree[2] .. "(" .. table.concat(parts, ", ") .. ")"
  end
  return "(" .. show(tree[2]) .. " " .. kind .. " " .. show(tree[3]) .. ")"
end
local function evaluate(tree, variables)
  local kind = tree[1]
  if kind == "number" then return tree[2] end
  if kind == "variable" then return variables[tree[2]] or error({ message = "unknown variable " .. tree[2] }) end
  if kind == "negate" then return -evaluate(tree[2], variables) end
  if kind == "call" then
    local values = {}
    for i, argument in ipairs(tree[3]) do values[i] = evaluate(argument, variables) end
    local f = functions[tree[2]] or error({ message = "unknown function " .. tree[2] })
    return f(table.unpack(values))
  end
  return operations[kind](evaluate(tree[2], variables), evaluate(tree[3], variables))
end
local function compile(tree)
  local kind, a, b = tree[1], tree[2], tree[3]
  if kind == "number" then return function() return a end end
  if kind == "variable" then return function(v) return v[a] or error { message = "unknown variable " .. a } end end
  if kind == "negate" then
    local inner = compile(a)
    return function(v) return -inner(v) end
  end
  if kind == "call" then
    local f = functions[a]
    local compiled = {}
    for i, argument in ipairs(b) do compiled[i] = compile(argument) end
    return function(v)
      local values = {}
      for i, c in ipairs(compiled) do values[i] = c(v) end
      return (f or error { message = "unknown function " .. a })(table.unpack(values))
    end
  end
  local left, right, operation = compile(a), compile(b), operations[kind]
  return function(v) return operation(left(v), right(v)) end
end
local variables = { x = 3, y = 4.5, zero = 0 }
for _, source in ipairs {
  "1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-2 ^ 2", "10 - 4 - 3", "100 / 10 / 5", "7 % 4 * 2", "x * x + y", "max(1, x, y)", "sum(1,2,3,4) / sum()",
  "floor(y) - -x", "abs(-5) + min(x, 2)", "1 +", "(1", "1 2", "foo(1)", "q + 1", "sum(1,)", "5 % zero", "", "1 / zero", "3.25 * 4",
} do
  local ok, tree = pcall(parse, source)
  if not ok then
    print(source, "syntax", tree.message, tree.at)
  else
    local ok1, value1 = pcall(evaluate, tree, variables)
    local ok2, value2 = pcall(compile(tree), variables)
    local function text(value) return type(value) == "table" and value.message or tostring(value):gsub("^.-:%d+: ", "") end
    print(source, show(tree), ok1, text(value1), ok2 == ok1 and text(value1) == text(value2))
  end
end
