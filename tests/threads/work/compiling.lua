-- Compiles many chunks, runs them, and takes some of them apart and together again.
local sum = 0
for i = 1, 60 do
  local source = ([[
    local limit, names = ..., {}
    local function add(a, b) return a + b * %d end
    for i = 1, limit do names[#names + 1] = 'n' .. i end
    local total = 0
    for i, name in ipairs(names) do
      if i %% %d == 0 then goto continue end
      total = add(total, #name)
      total = total %% 1000003
      ::continue::
    end
    return total, function(x) return x < %d and 'less' or 'more' end]]):format(i, i + 1, i)
  local chunk = assert(load(source, "=chunk" .. i))
  if i % 3 == 0 then chunk = assert(load(string.dump(chunk, i % 2 == 0), "=binary", "b")) end
  local total, compare = chunk(40)
  sum = (sum * 31 + total) % 1000003
  assert(compare(i - 1) == "less" and compare(i) == "more")
  local broken, message = load(source .. " end")
  assert(not broken and message:find("<eof> expected", 1, true), message)
end

-- A function that gets hot, is forgotten, and gets hot again.
local function spin(n)
  local x = 0.5
  for i = 1, n do x = x * 1.0000001 + (i & 7) end
  return x
end
local before = spin(3000)
local isSelvage, selvage = pcall(require, "selvage")
if isSelvage then selvage.jit.flush() end
assert(spin(3000) == before)
return sum .. " " .. ("%.6f"):format(before)
