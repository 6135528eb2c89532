-- A table of every operator over pairs of edge values.
local values = { 0, 1, -1, 2, -3, 7, 63, 64, math.maxinteger, math.mininteger, math.maxinteger - 1, math.mininteger + 1, 1 << 32, 0.0, -0.5, 2.5, 2 ^ 53, -2 ^ 63, 2 ^ 63, 1e300, math.huge, -math.huge }
local operators = {
  { "+", function(a, b) return a + b end }, { "-", function(a, b) return a - b end }, { "*", function(a, b) return a * b end },
  { "/", function(a, b) return a / b end }, { "//", function(a, b) return a // b end }, { "%", function(a, b) return a % b end },
  { "^", function(a, b) return a ^ b end }, { "&", function(a, b) return a & b end }, { "|", function(a, b) return a | b end },
  { "~", function(a, b) return a ~ b end }, { "<<", function(a, b) return a << b end }, { ">>", function(a, b) return a >> b end },
  { "<", function(a, b) return a < b end }, { "<=", function(a, b) return a <= b end }, { "==", function(a, b) return a == b end },
}
local function text(value)
  if value ~= value then return "nan" end
  return tostring(value)
end
for _, entry in ipairs(operators) do
  for _, a in ipairs(values) do
    local parts = {}
    for _, b in ipairs(values) do
      local ok, result = pcall(entry[2], a, b)
      parts[#parts + 1] = ok and text(result) or "(" .. result:gsub("^.-:%d+: ", "") .. ")"
    end
    print(entry[1], text(a), table.concat(parts, " "))
  end
end
for _, a in ipairs(values) do
  print(text(-a), pcall(function() return ~a end))
  print(pcall(math.floor, a), pcall(math.ceil, a), math.tointeger(a), pcall(math.abs, a), math.ult(1, math.tointeger(a) or 0))
end
