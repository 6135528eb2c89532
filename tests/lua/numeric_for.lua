-- The numerical for (manual 3.3.5): subtypes, the count that is computed first, overflow, float loops, errors.

local mini, maxi = math.mininteger, math.maxinteger
local huge = math.huge

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(message, text, 1, true), message)
end

-- Runs a loop with bounds that the compiler does not know, at most `most` turns.
local function turns(first, last, step, most)
  local seen = {}
  for i = first, last, step or 1 do
    seen[#seen + 1] = i
    if #seen == (most or 100) then break end
  end
  return seen
end
local function list(...)
  local seen = turns(...)
  for index, value in ipairs(seen) do seen[index] = tostring(value) end
  return table.concat(seen, " ")
end

assert(list(1, 3) == "1 2 3" and list(3, 1) == "" and list(1, 1) == "1" and list(3, 1, -1) == "3 2 1")
assert(list(1, 10, 4) == "1 5 9" and list(10, 1, -4) == "10 6 2" and list(1, 3, -1) == "" and list(-2, 2, 2) == "-2 0 2")

-- Integer loops: start and step are integers; the limit may be any number and is clipped.
assert(list(1, 3.9) == "1 2 3" and list(1, 3.0) == "1 2 3" and list(3, 1.1, -1) == "3 2" and list(-1, -1.5) == "")
assert(list(1, huge, 1, 3) == "1 2 3" and list(1, -huge, -1, 3) == "1 0 -1" and list(1, -huge) == "" and list(1, huge, -1) == "")
assert(list(1, 0 / 0) == "")
assert(list(1, 2.0 ^ 70, 1, 2) == "1 2" and list(maxi, 2.0 ^ 70) == tostring(maxi))
assert(list(mini, -2.0 ^ 70, -1) == tostring(mini) and list(5, -2.0 ^ 70) == "")

-- No overflow: the loop ends at the edges.
assert(list(maxi - 1, maxi) == (maxi - 1) .. " " .. maxi)
assert(list(maxi, maxi) == tostring(maxi) and list(mini, mini, -1) == tostring(mini))
assert(list(mini + 1, mini, -1) == (mini + 1) .. " " .. mini)
assert(list(maxi - 5, maxi, 3) == (maxi - 5) .. " " .. (maxi - 2))
assert(list(mini, maxi, maxi) == mini .. " -1 " .. maxi - 1)
assert(list(maxi, mini, mini) == maxi .. " -1")
assert(list(mini, maxi, maxi // 2 + 1) == mini .. " " .. mini // 2 .. " 0 " .. maxi // 2 + 1)
assert(list(1, maxi, maxi) == "1" and list(-1, mini, mini) == "-1" and list(0, mini, mini) == "0 " .. mini)
assert(list(0, maxi, maxi) == "0 " .. maxi and list(1, 2, maxi) == "1" and list(2, 1, mini) == "2")
assert(#turns(mini, maxi, 1, 50) == 50)

-- Float loops: when start or step is a float.
assert(list(1.0, 3) == "1.0 2.0 3.0" and list(1, 2, 0.5) == "1.0 1.5 2.0" and list(1.5, 3) == "1.5 2.5")
assert(list(3.0, 1, -1) == "3.0 2.0 1.0" and list(1, 0, -0.25) == "1.0 0.75 0.5 0.25 0.0")
assert(list(1.0, huge, 1, 3) == "1.0 2.0 3.0" and list(huge, 1, -1, 2) == "inf inf")
-- Nothing is greater than a NaN, so the first turn is run.
assert(#turns(0 / 0, 1) == 1 and #turns(1.0, 0 / 0) == 1)
assert(list(2.0 ^ 53, 2.0 ^ 53 + 2, 1, 4) == "9.007199254741e+15 9.007199254741e+15 9.007199254741e+15 9.007199254741e+15")
assert(list(1, 3, huge) == "1.0" and list(1, -3, -huge) == "1.0" and list(0.1, 0.35, 0.1) == "0.1 0.2 0.3")
assert(list(-0.0, 0) == "-0.0")
assert(#turns(0, 1, 0.1) == 10 or #turns(0, 1, 0.1) == 11)
assert(math.type(turns(1, 1.0)[1]) == "integer" and math.type(turns(1, 1, 1.0)[1]) == "float")

-- Errors.
failsWith("'for' step is zero", turns, 1, 2, 0)
failsWith("'for' step is zero", turns, 1.0, 2, 0)
failsWith("'for' step is zero", turns, 1, 2, 0.0)
failsWith("'for' step is zero", turns, 1.0, 2, -0.0)
failsWith("bad 'for' initial value (number expected, got ", turns, nil, 2)
failsWith("bad 'for' initial value (number expected, got ", turns, "one", 2)
failsWith("bad 'for' initial value (number expected, got table)", turns, {}, 1, 1)
failsWith("bad 'for' limit (number expected, got ", turns, 1, "two")
failsWith("bad 'for' limit (number expected, got ", turns, 1, {})
failsWith("bad 'for' limit (number expected, got ", turns, 1.5, false)
failsWith("bad 'for' step (number expected, got ", turns, 1, 2, "")
failsWith("bad 'for' step (number expected, got ", turns, 1.0, 2, {})

-- Numeric strings are converted as in arithmetic; a string as start or step makes a float loop.
assert(list(1, "2") == "1 2" and list(1, " 0x2 ") == "1 2" and list(1, "2.5") == "1 2" and list(1.0, "2") == "1.0 2.0")
assert(list("1", 2) == "1.0 2.0" and list(1, 2, "1") == "1.0 2.0" and list("3", "2", "-1") == "3.0 2.0")

-- The three expressions are evaluated once, in order, and the loop is blind to later changes.
do
  local order = {}
  local function trace(value)
    order[#order + 1] = value
    return value
  end
  for _ = trace(1), trace(7), trace(3) do end
  assert(table.concat(order, " ") == "1 7 3")
  local limit, count = 3, 0
  for i = 1, limit do
    limit = 10
    count = count + 1
  end
  assert(count == 3)
end

-- The control variable is a copy: changing it does not change the loop, each turn has its own.
do
  local seen = {}
  for i = 1, 3 do
    seen[#seen + 1] = i
    i = i * 10
    seen[#seen + 1] = i
    i = "text"
  end
  assert(table.concat(seen, " ") == "1 10 2 20 3 30")
  seen = {}
  for i = 1.0, 2 do
    seen[#seen + 1] = i
    i = nil
  end
  assert(seen[1] == 1.0 and seen[2] == 2.0 and #seen == 2)
  local functions = {}
  for i = 1, 5 do
    functions[i] = { get = function() return i end, set = function(value) i = value end }
  end
  functions[2].set(20)
  assert(functions[1].get() == 1 and functions[2].get() == 20 and functions[3].get() == 3)
end
-- ... and is gone after it.
do
  local i = "outer"
  for i = 1, 3 do local _ = i end
  assert(i == "outer")
end

-- Constant bounds of every kind.
do
  local count = 0
  for _ = 1, 0 do count = count + 1 end
  assert(count == 0)
  for _ = 10, 1, -3 do count = count + 1 end
  assert(count == 4)
  for _ = 0x7ffffffffffffffe, 0x7fffffffffffffff do count = count + 1 end
  assert(count == 6)
  for _ = 1, 2.5 do count = count + 1 end
  assert(count == 8)
  for _ = 0.5, 2 do count = count + 1 end
  assert(count == 10)
  for _ = 100000, 100002 do count = count + 1 end
  assert(count == 13)
  for _ = -3000000000, -2999999999 do count = count + 1 end
  assert(count == 15)
end

-- Nested loops, break out of each level, return out of a loop.
do
  local total = 0
  for i = 1, 10 do
    for j = 1, 10 do
      if j > i then break end
      for k = j, 1, -1 do
        if k % 3 == 0 then break end
        total = total + 1
      end
    end
  end
  local expected = 0
  for i = 1, 10 do
    for j = 1, i do
      expected = expected + j % 3
    end
  end
  assert(total == expected)
  local function search(limit)
    for i = 1, 100 do
      for j = 1, 100 do
        if i * j == limit then return i, j end
      end
    end
    return nil
  end
  local i, j = search(9 * 97)
  assert(i == 9 and j == 97 and search(101) == nil)
end

-- Long loops get the same sums as their closed forms, whichever type the accumulator has.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 2000 or 100000
  local integers, floats, alternating = 0, 0.0, 0
  for i = 1, rounds do
    integers = integers + i
    floats = floats + i
    alternating = -alternating + i
  end
  assert(integers == rounds * (rounds + 1) // 2 and math.type(integers) == "integer")
  assert(floats == rounds * (rounds + 1) // 2 and math.type(floats) == "float")
  assert(alternating == rounds // 2)
  local count = 0
  for x = 0, 1, 1 / 1024 do
    count = count + 1
    assert(x == (count - 1) / 1024)
  end
  assert(count == 1025)
  -- One loop instruction that sees integer bounds, then float ones, then integers again.
  local function sum(first, last, step)
    local total = 0
    for i = first, last, step do total = total + i end
    return total
  end
  for round = 1, 300 do
    assert(math.type(sum(1, 10, 1)) == "integer")
    if round % 7 == 0 then assert(sum(1.0, 10, 1) == 55.0 and math.type(sum(1.0, 10, 1)) == "float") end
    if round % 11 == 0 then assert(not pcall(sum, 1, {}, 1)) end
    assert(sum(10, 1, -1) == 55 and sum(1, 0, 1) == 0)
  end
end

print "ok"
