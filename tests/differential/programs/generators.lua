-- Coroutines as generators: trees, combinations, merging sorted streams, same-fringe, pipelines.
local yield, wrap = coroutine.yield, coroutine.wrap
local function combinations(list, k)
  return wrap(function()
    local chosen = {}
    local function pick(start, left)
      if left == 0 then yield(table.concat(chosen, ",")) return end
      for i = start, #list - left + 1 do
        chosen[#chosen + 1] = list[i]
        pick(i + 1, left - 1)
        chosen[#chosen] = nil
      end
    end
    pick(1, k)
  end)
end
for text in combinations({ "a", "b", "c", "d", "e" }, 3) do io.write(text, " ") end
print()
local function subsets(n) return wrap(function()
  for bits = 0, (1 << n) - 1 do
    local set = {}
    for i = 1, n do if bits >> (i - 1) & 1 == 1 then set[#set + 1] = i end end
    yield(set, bits)
  end
end) end
for set, bits in subsets(4) do io.write(bits, "{", table.concat(set, ","), "} ") end
print()
local function insert(node, value)
  if not node then return { value = value } end
  if value < node.value then node.left = insert(node.left, value) else node.right = insert(node.right, value) end
  return node
end
local function tree(...) local root for _, v in ipairs { ... } do root = insert(root, v) end return root end
local function inorder(node) if node then inorder(node.left) yield(node.value) inorder(node.right) end end
local function values(root) return wrap(function() inorder(root) end) end
local function sameFringe(a, b)
  local nextA, nextB = values(a), values(b)
  while true do
    local x, y = nextA(), nextB()
    if x ~= y then return false end
    if x == nil then return true end
  end
end
print(sameFringe(tree(5, 3, 8, 1), tree(1, 3, 5, 8)), sameFringe(tree(1, 2, 3), tree(1, 2, 4)), sameFringe(tree(1, 2), tree(1, 2, 3)))
local function merge(...)
  local sources, heads = { ... }, {}
  for i, source in ipairs(sources) do heads[i] = source() end
  return wrap(function()
    while true do
      local best
      for i = 1, #sources do if heads[i] and (not best or heads[i] < heads[best]) then best = i end end
      if not best then return end
      yield(heads[best], best)
      heads[best] = sources[best]()
    end
  end)
end
local function multiples(n, limit) return wrap(function() for i = n, limit, n do yield(i) end end) end
for value, source in merge(multiples(3, 30), multiples(5, 30), multiples(7, 30)) do io.write(value, "/", source, " ") end
print()
local function lines(text) return wrap(function() for line in text:gmatch "[^\n]*" do yield(line) end end) end
local function numbered(source) return wrap(function() local n = 0 for line in source do n = n + 1 yield(n, line) end end) end
for n, line in numbered(lines "first\nsecond\n\nfourth") do print(n, line) end
local function hanoi(n, a, b, c) if n > 0 then hanoi(n - 1, a, c, b) yield(a .. ">" .. c) hanoi(n - 1, b, a, c) end end
local moves = {}
for move in wrap(function() hanoi(4, "A", "B", "C") end) do moves[#moves + 1] = move end
print(#moves, table.concat(moves, " "))
local accumulate = wrap(function(x) local sum, n = 0, 0 while true do sum, n = sum + x, n + 1 x = yield(sum / n, n) end end)
for _, x in ipairs { 10, 20, 60, 2.5 } do print(accumulate(x)) end
local co = coroutine.create(function(...) print("start", ...) print("second", yield(1, 2)) print("third", yield()) error "finished badly" end)
for i = 1, 5 do print(coroutine.status(co), coroutine.resume(co, i, i * i)) end
print(coroutine.status(co), coroutine.isyieldable(), select(2, coroutine.running()))
