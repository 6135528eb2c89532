-- load with environments, string chunks made at run time, templates, and setting globals by name.
local function run(source, environment)
  local chunk, message = load(source, "=sandbox", "t", environment)
  if not chunk then return "compile", message end
  return pcall(chunk)
end
local env = { print = print, x = 5, math = { floor = math.floor } }
for _, source in ipairs {
  "return x + 1", "x = x * 2 return x", "return os", "os.exit()", "return math.floor(3.7)", "return math.sin(1)", "y = {} y.z = y return y.z == y", "return _ENV.x", "_ENV = { q = 1 } return q",
  "local function f(n) return n == 0 and 'done' or f(n - 1) end return f(100)", "error('inside')", "error({})", "return ...", "goto nowhere", "return 1 +", "for i = 1, 3 do x = x + i end return x",
  "function g() return x end return g()", "return (g or 1)()", "return #'abc', -2 ^ 2, not nil",
} do
  local ok, a, b, c = run(source, env)
  print(source, ok, type(a) == "table" and "table" or a, b, c)
end
print(x, y, g, env.x, type(env.g))
local pieces = { "return ", "1", " + ", "2", nil }
local index = 0
print(load(function() index = index + 1 return pieces[index] end)())
print(pcall(load, function() error "reader failed" end))
print(pcall(load, function() return {} end))
print(pcall(load, "return 1", "chunk", "b"))
print(load("\27binary", "=b", "t"))
print(load "return 1" ())
local function template(text)
  local code = { "local _o = {} local function _w(s) _o[#_o + 1] = tostring(s) end " }
  local position = 1
  while true do
    local start, stop, kind, body = text:find("<%%(=?)%s*(.-)%s*%%>", position)
    code[#code + 1] = ("_w(%q) "):format(text:sub(position, (start or 0) - 1))
    if not start then break end
    code[#code + 1] = kind == "=" and "_w(" .. body .. ") " or body .. " "
    position = stop + 1
  end
  code[#code + 1] = "return table.concat(_o)"
  return function(values) return assert(load(table.concat(code), "=template", "t", setmetatable(values, { __index = _G })))() end
end
local page = template "Hello <%= name %>!<% for i, item in ipairs(items) do %>\n<%= i %>. <%= item:upper() %><% end %>\nTotal: <%= #items %>"
print(page { name = "World", items = { "one", "two", "three" } })
print(page { name = 42, items = {} })
print(pcall(page, { name = "x" }))
for i = 1, 5 do _G["dynamic" .. i] = function(v) return v * i end end
print(dynamic1(10), dynamic5(10), _G.dynamic3(7), rawget(_G, "dynamic6"))
local operations = {}
for _, op in ipairs { "+", "-", "*", "/", "//", "%", "..", "==", "<", "and", "or" } do operations[op] = load("local a, b = ... return a " .. op .. " b") end
for _, op in ipairs { "+", "-", "*", "/", "//", "%", "..", "==", "<", "and", "or" } do io.write(op, " ", tostring(operations[op](7, 2)), "; ") end
print()
local f = load "local a <const>, b = ... ; return function() b = b + a return b end"
local step = f(2, 10)
print(step(), step(), f(1, 1)())
print(load("return 6 * 7", "=t", "t")())
