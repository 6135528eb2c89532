-- Sudoku, knight's tour, word squares, magic squares, eight puzzle, roman numerals, number words, calendars.
local function sudoku(puzzle)
  local cells, rows, columns, boxes = {}, {}, {}, {}
  for i = 0, 8 do rows[i], columns[i], boxes[i] = 0, 0, 0 end
  local function toggle(p, bit) local r, c = p // 9, p % 9 local b = r // 3 * 3 + c // 3 rows[r], columns[c], boxes[b] = rows[r] ~ bit, columns[c] ~ bit, boxes[b] ~ bit end
  for p = 0, 80 do
    local d = tonumber(puzzle:sub(p + 1, p + 1)) or 0
    cells[p] = d
    if d > 0 then toggle(p, 1 << d) end
  end
  local steps = 0
  local function solve()
    local best, bestOptions, bestCount
    for p = 0, 80 do
      if cells[p] == 0 then
        local r, c = p // 9, p % 9
        local options, n = ~(rows[r] | columns[c] | boxes[r // 3 * 3 + c // 3]) & 0x3FE, 0
        local o = options
        while o ~= 0 do o = o & o - 1 n = n + 1 end
        if n == 0 then return false end
        if not best or n < bestCount then best, bestOptions, bestCount = p, options, n end
      end
    end
    if not best then return true end
    for d = 1, 9 do
      if bestOptions & 1 << d ~= 0 then
        steps = steps + 1
        cells[best] = d
        toggle(best, 1 << d)
        if solve() then return true end
        toggle(best, 1 << d)
      end
    end
    cells[best] = 0
    return false
  end
  return solve() and table.concat(cells, "", 0, 80), steps
end
print(sudoku "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79")
print(sudoku "8..........36......7..9.2...5...7.......457.....1...3...1....68..85...1..9....4..")
local function knight(n)
  local board, moves = {}, { { 1, 2 }, { 2, 1 }, { 2, -1 }, { 1, -2 }, { -1, -2 }, { -2, -1 }, { -2, 1 }, { -1, 2 } }
  for i = 1, n do board[i] = {} for j = 1, n do board[i][j] = 0 end end
  local function free(x, y) return board[x] and board[x][y] == 0 end
  local function degree(x, y) local d = 0 for _, m in ipairs(moves) do if free(x + m[1], y + m[2]) then d = d + 1 end end return d end
  local function go(x, y, step)
    board[x][y] = step
    if step == n * n then return true end
    local options = {}
    for i, m in ipairs(moves) do local p, q = x + m[1], y + m[2] if free(p, q) then options[#options + 1] = { p, q, degree(p, q), i } end end
    table.sort(options, function(a, b) if a[3] ~= b[3] then return a[3] < b[3] end return a[4] < b[4] end)
    for _, o in ipairs(options) do if go(o[1], o[2], step + 1) then return true end end
    board[x][y] = 0
    return false
  end
  return go(1, 1, 1) and board
end
for _, row in ipairs(knight(6)) do print((table.concat(row, " "):gsub("%f[%d]%d%f[%D]", " %0"))) end
for n = 3, 7, 2 do
  local square = {}
  for i = 1, n do square[i] = {} for j = 1, n do square[i][j] = n * ((i + j - 1 + n // 2) % n) + (i + 2 * j - 2) % n + 1 end end
  local sums = {}
  for i = 1, n do local r, c = 0, 0 for j = 1, n do r, c = r + square[i][j], c + square[j][i] end sums[#sums + 1] = r sums[#sums + 1] = c end
  print(table.concat(square[1], " "), table.concat(sums, " "))
end
local numerals = { { 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" }, { 90, "XC" }, { 50, "L" }, { 40, "XL" }, { 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" } }
local function roman(n) local s = "" for _, p in ipairs(numerals) do while n >= p[1] do s, n = s .. p[2], n - p[1] end end return s end
local function arabic(s) local total, last = 0, 0 for c in s:reverse():gmatch "." do local v = ({ I = 1, V = 5, X = 10, L = 50, C = 100, D = 500, M = 1000 })[c] if v < last then total = total - v else total, last = total + v, v end end return total end
for _, n in ipairs { 1, 4, 9, 14, 40, 90, 400, 1994, 2024, 3999 } do io.write(n, "=", roman(n), "=", arabic(roman(n)), " ") end
print()
local wrong = 0
for n = 1, 3999 do if arabic(roman(n)) ~= n then wrong = wrong + 1 end end
print("wrong", wrong)
local small = { [0] = "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen" }
local tens = { [2] = "twenty", [3] = "thirty", [4] = "forty", [5] = "fifty", [6] = "sixty", [7] = "seventy", [8] = "eighty", [9] = "ninety" }
local function words(n)
  if n < 0 then return "minus " .. words(-n) end
  if n < 20 then return small[n] end
  if n < 100 then return tens[n // 10] .. (n % 10 > 0 and "-" .. small[n % 10] or "") end
  for _, unit in ipairs { { 1000000, " million" }, { 1000, " thousand" }, { 100, " hundred" } } do
    if n >= unit[1] then return words(n // unit[1]) .. unit[2] .. (n % unit[1] > 0 and " " .. words(n % unit[1]) or "") end
  end
end
for _, n in ipairs { 0, 13, 21, 100, 342, 1001, 99999, 1234567, -40 } do print(n, words(n)) end
local function wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    if #line + #word + 1 > width and line ~= "" then lines[#lines + 1] = line line = word else line = line == "" and word or line .. " " .. word end
  end
  lines[#lines + 1] = line
  return lines
end
for _, line in ipairs(wrap(words(987654321):rep(2, " and then "), 34)) do
  local gaps = select(2, line:gsub(" ", ""))
  print(("|%-34s|%34s|%d"):format(line, line, gaps))
end
