-- All ways to place queens, by backtracking over columns and by bit sets.
local function solve(n, report)
  local columns, count = {}, 0
  local function safe(row, column)
    for r = 1, row - 1 do
      local c = columns[r]
      if c == column or c - r == column - row or c + r == column + row then return false end
    end
    return true
  end
  local function place(row)
    if row > n then
      count = count + 1
      if report then report(count, columns) end
      return
    end
    for column = 1, n do
      if safe(row, column) then
        columns[row] = column
        place(row + 1)
      end
    end
    columns[row] = nil
  end
  place(1)
  return count
end

local function solveBits(n)
  local all, count = (1 << n) - 1, 0
  local function place(columns, left, right)
    if columns == all then count = count + 1 return end
    local free = all & ~(columns | left | right)
    while free ~= 0 do
      local bit = free & -free
      free = free ~ bit
      place(columns | bit, (left | bit) << 1, (right | bit) >> 1)
    end
  end
  place(0, 0, 0)
  return count
end

for n = 1, 7 do print(n, solve(n), solveBits(n)) end
solve(6, function(number, columns)
  print("solution " .. number)
  for row = 1, #columns do
    io.write(("."):rep(columns[row] - 1), "Q", ("."):rep(#columns - columns[row]), "\n")
  end
end)
