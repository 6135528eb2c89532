-- The compiler's limits (as the reference's compiler has them) and sizes beyond one-byte and two-byte operands.

local stress = os.getenv "SELVAGE_GC_STRESS"
local function refuses(text, source)
  local f, message = load(source, "=limits")
  assert(f == nil, "accepted")
  assert(message:find(text, 1, true), message)
end
local function list(n, make, separator)
  local parts = {}
  for i = 1, n do parts[i] = make(i) end
  return table.concat(parts, separator or " ")
end

-- 200 local variables in a function, in one statement and in many, and again in inner functions.
do
  local source = list(200, function(i) return ("local v%d = %d"):format(i, i) end, "\n") .. "\nreturn v1 + v100 + v200, v200"
  local sum, last = load(source)()
  assert(sum == 301 and last == 200)
  refuses("too many local variables", "local a\n" .. source)
  assert(load("local " .. list(200, function(i) return "v" .. i end, ",")))
  refuses("too many local variables", "local " .. list(201, function(i) return "v" .. i end, ","))
  assert(load("local function f() " .. source .. " end " .. list(199, function(i) return "local w" .. i end)))
  assert(load("do " .. list(199, function(i) return "local w" .. i end) .. " end " .. list(199, function(i) return "local v" .. i end)))
  -- All of them hot and captured.
  source = list(100, function(i) return ("local v%d = %d"):format(i, i) end) .. " for i = 1, 100 do "
    .. list(100, function(i) return ("v%d = v%d + i"):format(i, i % 100 + 1) end) .. " end return v1, v50, v100"
  local a, b, c = load(source)()
  local model = {}
  for i = 1, 100 do model[i] = i end
  for i = 1, 100 do
    for j = 1, 100 do model[j] = model[j % 100 + 1] + i end
  end
  assert(a == model[1] and b == model[50] and c == model[100])
end

-- 255 upvalues.
do
  local function nested(n)
    local half = n // 2
    return list(half, function(i) return ("local a%d = %d"):format(i, i) end) .. "\nlocal function outer()\n"
      .. list(n - half, function(i) return ("local b%d = %d"):format(i, i) end) .. "\nreturn function()\nlocal sum = 0\n"
      .. list(half, function(i) return ("sum = sum + a%d"):format(i) end) .. "\n"
      .. list(n - half, function(i) return ("b%d = b%d + 1 sum = sum + b%d"):format(i, i, i) end) .. "\nreturn sum end end\nreturn outer()"
  end
  local f = load(nested(254))()
  assert(f() == 127 * 128 + 127 and f() == 127 * 128 + 254)
  assert(load(nested(255)))
  refuses("too many upvalues", nested(256))
end

-- Registers: expressions that need many, up to the limit.
do
  local function call(n) return "local f = select return f('#', " .. list(n, function(i) return "f" end, ", ") .. ")" end
  assert(load(call(100))() == 100 and load(call(200))() == 200)
  local function nesting(n) return "local f = tostring return " .. ("f("):rep(n) .. "1" .. (")"):rep(n) end
  assert(load(nesting(100))() == "1")
  -- Beyond the reference's 255 registers a compiler may refuse, but not miscompile.
  local f, message = load(call(300))
  assert(f and f() == 300 or message:find "too many registers")
  f, message = load(call(70000))
  assert(f and f() == 70000 or message:find "too many registers")
  -- Right-associative concatenation takes a register for each operand.
  assert(load("local a = 'x' return " .. list(150, function() return "a" end, " .. "))() == ("x"):rep(150))
  local g = load("local t = {} " .. list(60, function(i) return "t[" .. i .. "]" end, ", ") .. " = " .. list(60, tostring, ", ") .. " return t")
  assert(g()[60] == 60)
end

-- Parameters and arguments up to what fits.
do
  local names = list(199, function(i) return "p" .. i end, ", ")
  local f = load("return function(" .. names .. ", ...) return p1, p199, select('#', ...) end")()
  local first, last, rest = f(table.unpack({}, 1, 10))
  assert(first == nil and rest == 0)
  local values = {}
  for i = 1, 250 do values[i] = i end
  first, last, rest = f(table.unpack(values))
  assert(first == 1 and last == 199 and rest == 51)
end

-- Many distinct constants of each type: more than 2^16 together.
do
  local count = stress and 3000 or 70000
  local f = assert(load("return { " .. list(count, function(i) return (i * 3 + 1) .. ".5" end, ",") .. " }"))
  local t = f()
  assert(#t == count and t[1] == 4.5 and t[count] == count * 3 + 1.5 and t[count // 2] == (count // 2) * 3 + 1.5)
  local strings = assert(load("local t = { " .. list(count // 2, function(i) return "'s" .. i .. "'" end, ",") .. " } return t"))()
  assert(strings[1] == "s1" and strings[count // 2] == "s" .. count // 2)
  -- As field names, operands and keys beyond the one-byte and two-byte ranges.
  local fields = stress and 600 or 20000
  local source = "local t = ... " .. list(fields, function(i) return ("t.f%d = %d.25"):format(i, i) end, "\n") .. "\nlocal s = 0\n"
    .. list(fields, function(i) return ("s = s + t.f%d"):format(i) end, "\n") .. "\nreturn s"
  local table1 = {}
  assert(load(source)(table1) == fields * (fields + 1) // 2 + fields * 0.25)
  assert(table1.f1 == 1.25 and table1["f" .. fields] == fields + 0.25)
  source = "local x = ... " .. list(400, function(i) return ("x = x + %d.125"):format(i) end) .. " return x, x < 1e9, x == 7.75, 3.875 < x, x .. 'q'"
  local x, less, equal, greater, text = load(source)(0)
  assert(x == 400 * 401 // 2 + 50.0 and less and not equal and greater and text == "80250.0q")
  local integers = assert(load("local x = 0 " .. list(count // 10, function(i) return ("x = x ~ %d"):format(i * 1000003) end, "\n") .. " return x"))
  local expected = 0
  for i = 1, count // 10 do expected = expected ~ (i * 1000003) end
  assert(integers() == expected)
end

-- Functions that name more fields, constants and kinds of tables than their instructions can reach are compiled in another
-- way, and mean the same: with closures over locals, labels, methods and nested tables.
do
  for _, records in ipairs(stress and {40, 600} or {2000, 5000, 9000, 20000, 34000}) do
    local source = "local base, seen = ..., 0\nlocal function note(x) seen = seen + x return x end\nlocal t = {\n"
      .. list(records, function(i)
        return ("{id = %d, name = 'record %d', %s = note(1), f = function() return base + %d end, tags = {'a', size = %d}},")
          :format(i, i, "field" .. i % 300, i, i)
      end, "\n")
      .. "\n}\n" .. list(records // 10, function(i) return ("t[%d].first = t[%d].name .. '!'"):format(i, i) end, "\n")
      .. "\nlocal turns = 0\n::again::\nturns = turns + 1\nif turns < 3 then goto again end\n"
      .. list(records // 10, function(i) return ("seen = seen + t:sum(%d)"):format(i) end, "\n"):gsub("t:sum", "base:sum")
      .. "\nreturn t, seen, turns"
    local base = setmetatable({sum = function(_, x) return x end}, {__add = function(_, x) return x * 2 end})
    local t, seen, turns = assert(load(source))(base)
    assert(#t == records and turns == 3)
    local added = records // 10
    assert(seen == records + added * (added + 1) // 2)
    for i = 1, records, 97 do
      local record = t[i]
      assert(record.id == i and record.name == "record " .. i and record["field" .. i % 300] == 1 and record.f() == 2 * i)
      assert(record.tags[1] == "a" and record.tags.size == i)
      assert(record.first == (i <= added and record.name .. "!" or nil))
    end
  end
end

-- Long functions: jumps over more than 2^15 and 2^16 instructions, forward, backward, in for loops and conditions.
do
  local filler = list(stress and 300 or 24000, function(i) return "x = x + y" end, "\n")
  local turns = stress and 300 or 24000
  local source = "local x, y, n = 0, 1, ... " .. "\nwhile n > 0 do\n n = n - 1\n if n == 1 then\n" .. filler .. "\nelse\n" .. filler
    .. "\nend\nif n == 100 then break end\nend\nreturn x"
  local f = assert(load(source))
  assert(f(3) == 3 * turns and f(0) == 0 and f(101) == turns)
  f = assert(load("local n, y = ... local x = 0 for i = 1, n do\n" .. filler .. "\nend for _, v in ipairs {1, 2} do\n" .. filler
    .. "\nend return x"))
  assert(f(2, 1) == 4 * turns and f(0, 0.5) == turns and f(-5, 0) == 0)
  f = assert(load("local n, y = ... local x = 0\n::top::\n" .. filler .. "\nn = n - 1 if n > 0 then goto top end return x"))
  assert(f(3, 1) == 3 * turns)
  f = assert(load("local a, y = ... local x = 0 local t = a and (function()\n" .. filler .. "\nreturn x end)() or -1 return t"))
  assert(f(true, 2) == 2 * turns and f(false, 2) == -1)
  f = assert(load("local x, y = 0, 1 repeat\n" .. filler .. "\nlocal z = x\nuntil z >= " .. 2 * turns .. " return x"))
  assert(f() == 2 * turns)
end

-- Many functions and many branches.
do
  local n = stress and 200 or 5000
  local f = assert(load("local t = {} " .. list(n, function(i) return ("t[%d] = function(x) return x + %d end"):format(i, i) end, "\n") .. " return t"))()
  assert(f[1](1) == 2 and f[n](1) == n + 1 and f[n // 2](0) == n // 2)
  local chain = "local x = ... if x == 0 then return 'zero'\n" .. list(n, function(i) return ("elseif x == %d then return 'n%d'"):format(i, i) end, "\n")
    .. "\nelse return 'other' end"
  local choose = assert(load(chain))
  assert(choose(0) == "zero" and choose(1) == "n1" and choose(n) == "n" .. n and choose(n + 1) == "other" and choose "x" == "other")
end

-- Long names, lines, strings, and many lines.
do
  local name = ("long"):rep(2000)
  assert(load("local " .. name .. " = 5 return " .. name)() == 5)
  local t = load("return { " .. name .. " = 7 }")()
  assert(t[name] == 7)
  local f = load(("\n"):rep(stress and 1000 or 100000) .. "error 'here'", "=lines")
  local _, message = pcall(f)
  assert(message == "lines:" .. (stress and 1001 or 100001) .. ": here")
  f = load("local t = nil " .. (" "):rep(100000) .. " return t.x", "=lines")
  _, message = pcall(f)
  assert(message == "lines:1: attempt to index a nil value (local 't')")
end

-- Nesting within what is promised.
do
  assert(load(("do "):rep(150) .. ("end "):rep(150)))
  assert(load("return " .. ("("):rep(150) .. "7" .. (")"):rep(150))() == 7)
  assert(load("return " .. ("{"):rep(150) .. ("}"):rep(150)))
  local deep = load("return " .. ("function() return "):rep(40) .. "'bottom'" .. (" end"):rep(40))()
  for _ = 1, 40 do deep = deep() end
  assert(deep == "bottom")
  assert(load("return " .. ("- "):rep(150) .. "1")() == 1)
end

print "ok"
