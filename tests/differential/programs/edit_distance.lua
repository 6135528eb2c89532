-- Dynamic programming: edit distances with scripts, common subsequences, knapsack, coin change.
local function distance(a, b)
  local d = {}
  for i = 0, #a do d[i] = { [0] = i } end
  for j = 0, #b do d[0][j] = j end
  for i = 1, #a do
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      d[i][j] = math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost)
    end
  end
  local script, i, j = {}, #a, #b
  while i > 0 or j > 0 do
    if i > 0 and j > 0 and a:byte(i) == b:byte(j) and d[i][j] == d[i - 1][j - 1] then
      table.insert(script, 1, a:sub(i, i))
      i, j = i - 1, j - 1
    elseif i > 0 and j > 0 and d[i][j] == d[i - 1][j - 1] + 1 then
      table.insert(script, 1, "(" .. a:sub(i, i) .. ">" .. b:sub(j, j) .. ")")
      i, j = i - 1, j - 1
    elseif i > 0 and d[i][j] == d[i - 1][j] + 1 then
      table.insert(script, 1, "-" .. a:sub(i, i))
      i = i - 1
    else
      table.insert(script, 1, "+" .. b:sub(j, j))
      j = j - 1
    end
  end
  return d[#a][#b], table.concat(script)
end
for _, pair in ipairs {
  { "kitten", "sitting" }, { "", "abc" }, { "abc", "" }, { "selvage", "salvage" }, { "flaw", "lawn" }, { "same", "same" }, { "intention", "execution" },
} do print(pair[1], pair[2], distance(pair[1], pair[2])) end
local function longestCommon(a, b)
  local memo = {}
  local function solve(i, j)
    if i > #a or j > #b then return "" end
    local key = i .. ":" .. j
    if memo[key] then return memo[key] end
    local result
    if a:sub(i, i) == b:sub(j, j) then
      result = a:sub(i, i) .. solve(i + 1, j + 1)
    else
      local left, right = solve(i + 1, j), solve(i, j + 1)
      result = #left >= #right and left or right
    end
    memo[key] = result
    return result
  end
  return solve(1, 1)
end
print(longestCommon("ABCBDABDCABA", "BDCABABCDA"), longestCommon("nematode knowledge", "empty bottle"), longestCommon("abc", "xyz"))
local function knapsack(items, capacity)
  local best = {}
  for w = 0, capacity do best[w] = { value = 0, names = "" } end
  for _, item in ipairs(items) do
    for w = capacity, item.weight, -1 do
      local candidate = best[w - item.weight].value + item.value
      if candidate > best[w].value then
        best[w] = { value = candidate, names = best[w - item.weight].names .. item.name .. " " }
      end
    end
  end
  return best[capacity].value, best[capacity].names
end
local items = {}
for i, name in ipairs { "map", "lamp", "rope", "tent", "food", "book", "axe" } do
  items[i] = { name = name, weight = i * 7 % 5 + 1, value = i * 13 % 17 + 3 }
end
for capacity = 0, 20, 4 do print(capacity, knapsack(items, capacity)) end
local function coinWays(coins, total)
  local ways = { [0] = 1 }
  for i = 1, total do ways[i] = 0 end
  for _, coin in ipairs(coins) do
    for amount = coin, total do ways[amount] = ways[amount] + ways[amount - coin] end
  end
  return ways[total]
end
for _, total in ipairs { 1, 5, 10, 50, 100, 500 } do print(total, coinWays({ 1, 5, 10, 25, 50 }, total)) end
