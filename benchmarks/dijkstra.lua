-- Shortest paths through a grid of random costs by Dijkstra's algorithm, with a binary heap of our own.
-- quick: 30
local n = tonumber(arg and arg[1]) or 170

-- ---- a binary heap of nodes, ordered by a key given with each ----

local Heap = {}
Heap.__index = Heap

function Heap.new() return setmetatable({ size = 0, nodes = {}, keys = {} }, Heap) end

function Heap:push(node, key)
  local nodes, keys = self.nodes, self.keys
  local place = self.size + 1
  self.size = place
  while place > 1 do
    local parent = (place - place % 2) / 2
    if keys[parent] <= key then break end
    nodes[place], keys[place] = nodes[parent], keys[parent]
    place = parent
  end
  nodes[place], keys[place] = node, key
end

function Heap:pop()
  local nodes, keys, size = self.nodes, self.keys, self.size
  local node, key = nodes[1], keys[1]
  local lastNode, lastKey = nodes[size], keys[size]
  nodes[size], keys[size] = nil, nil
  size = size - 1
  self.size = size
  if size > 0 then
    local place = 1
    while true do
      local child = place * 2
      if child > size then break end
      if child < size and keys[child + 1] < keys[child] then child = child + 1 end
      if keys[child] >= lastKey then break end
      nodes[place], keys[place] = nodes[child], keys[child]
      place = child
    end
    nodes[place], keys[place] = lastNode, lastKey
  end
  return node, key
end

-- ---- the graph ----

local seed = 31
local function random(limit)
  seed = seed * 16807 % 2147483647
  return seed % limit
end

local function buildGrid(size)
  local nodes = {}
  for i = 1, size * size do nodes[i] = { id = i, edges = {} } end
  local function connect(a, b)
    local cost = 1 + random(100)
    a.edges[#a.edges + 1] = { to = b, cost = cost }
    b.edges[#b.edges + 1] = { to = a, cost = cost }
  end
  for row = 0, size - 1 do
    for column = 1, size do
      local here = row * size + column
      if column < size then connect(nodes[here], nodes[here + 1]) end
      if row < size - 1 then connect(nodes[here], nodes[here + size]) end
    end
  end
  return nodes
end

local function shortestPaths(start)
  local distance, done, heap = { [start] = 0 }, {}, Heap.new()
  heap:push(start, 0)
  while heap.size > 0 do
    local node, length = heap:pop()
    if not done[node] then
      done[node] = true
      for _, edge in ipairs(node.edges) do
        local longer, to = length + edge.cost, edge.to
        local known = distance[to]
        if not known or longer < known then
          distance[to] = longer
          heap:push(to, longer)
        end
      end
    end
  end
  return distance
end

local nodes = buildGrid(n)
local last = nodes[n * n]
local there, back = shortestPaths(nodes[1]), shortestPaths(last)
if there[last] ~= back[nodes[1]] then error("the way back has another length") end
for _, node in ipairs(nodes) do
  local length = there[node]
  if not length or length + back[node] < there[last] then error("wrong distance to " .. node.id) end
  for _, edge in ipairs(node.edges) do
    if there[edge.to] > length + edge.cost then error("a shorter way to " .. edge.to.id) end
  end
end
print(there[last])
