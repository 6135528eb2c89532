-- goto: state machines, retry loops, continue, simulated switch; compared with versions without goto.
local function classify(text)
  local i, tokens = 1, {}
  local c, start
  ::start::
  c = text:sub(i, i)
  if c == "" then goto finish end
  if c:find "%s" then i = i + 1 goto start end
  start = i
  if c:find "%d" then goto number end
  if c:find "[%a_]" then goto name end
  if c == '"' then goto quoted end
  tokens[#tokens + 1] = "op:" .. c
  i = i + 1
  goto start
  ::number::
  i = i + 1
  c = text:sub(i, i)
  if c:find "^%d" then goto number end
  if c == "." and text:find("^%d", i + 1) then i = i + 1 goto fraction end
  tokens[#tokens + 1] = "int:" .. text:sub(start, i - 1)
  goto start
  ::fraction::
  i = i + 1
  if text:find("^%d", i) then goto fraction end
  tokens[#tokens + 1] = "float:" .. text:sub(start, i - 1)
  goto start
  ::name::
  i = i + 1
  if text:find("^[%w_]", i) then goto name end
  tokens[#tokens + 1] = "name:" .. text:sub(start, i - 1)
  goto start
  ::quoted::
  i = i + 1
  c = text:sub(i, i)
  if c == "" then tokens[#tokens + 1] = "unfinished" goto finish end
  if c == "\\" then i = i + 1 goto quoted end
  if c ~= '"' then goto quoted end
  i = i + 1
  tokens[#tokens + 1] = "string:" .. text:sub(start + 1, i - 2)
  goto start
  ::finish::
  return table.concat(tokens, " ")
end
for _, text in ipairs { "x = 12 + 3.5", 'print("a \\" b", y_1)', "1.2.3", "", "   ", '"open', "a.b.c(1)", "9." } do print(text, "=>", classify(text)) end
local function pythagorean(limit)
  local found = {}
  for a = 1, limit do
    for b = a, limit do
      for c = b, limit do
        local sum = a * a + b * b
        if c * c < sum then goto continue end
        if c * c > sum then goto nextB end
        found[#found + 1] = a .. "-" .. b .. "-" .. c
        ::continue::
      end
      ::nextB::
    end
  end
  return found
end
print(table.concat(pythagorean(30), " "))
local attempts = 0
local function flaky() attempts = attempts + 1 if attempts % 4 ~= 0 then error("attempt " .. attempts, 0) end return "success after " .. attempts end
do
  local tries = 0
  ::retry::
  tries = tries + 1
  local ok, result = pcall(flaky)
  if not ok and tries < 10 then io.write(result, "; ") goto retry end
  print(ok, result, tries)
end
local function collatz(n)
  local steps, highest = 0, n
  ::again::
  if n == 1 then return steps, highest end
  if n % 2 == 0 then n = n // 2 else n = 3 * n + 1 end
  if n > highest then highest = n end
  steps = steps + 1
  goto again
end
for n = 1, 30 do io.write(n, ":", table.concat({ collatz(n) }, "/"), " ") end
print()
local closures = {}
do
  local k = 1
  ::top::
  local captured = k * k
  closures[k] = function() captured = captured + 1 return captured end
  k = k + 1
  if k <= 5 then goto top end
end
for k = 1, 5 do io.write(closures[k](), " ", closures[k](), " ") end
print()
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto skip end
    for k = 1, 3 do
      if k == 3 then break end
      if i == 3 then goto out end
      io.write(i, j, k, " ")
    end
    ::skip::
  end
end
::out::
print "end"
