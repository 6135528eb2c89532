-- Many short-lived binary trees beside one that lives long: allocation and collection.
-- quick: 8
local n = tonumber(arg and arg[1]) or 15

local function bottomUp(depth)
  if depth == 0 then return {} end
  return { left = bottomUp(depth - 1), right = bottomUp(depth - 1) }
end

local function countNodes(tree)
  if not tree.left then return 1 end
  return 1 + countNodes(tree.left) + countNodes(tree.right)
end

local minDepth = 4
local longLived = bottomUp(n)
local total = 0
for depth = minDepth, n, 4 do
  local repetitions = 2 ^ (n - depth + minDepth)
  local nodes = 0
  for _ = 1, repetitions do nodes = nodes + countNodes(bottomUp(depth)) end
  if nodes ~= repetitions * (2 ^ (depth + 1) - 1) then error("wrong number of nodes at depth " .. depth) end
  total = total + nodes
end
if countNodes(longLived) ~= 2 ^ (n + 1) - 1 then error("the long-lived tree has changed") end
print(string.format("%d", total))
