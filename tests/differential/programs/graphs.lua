-- Shortest paths with a heap, breadth and depth first search, topological order, components, spanning trees.
local Heap = {}
Heap.__index = Heap
function Heap.new(less) return setmetatable({ less = less, size = 0 }, Heap) end
function Heap:push(value)
  self.size = self.size + 1
  local i = self.size
  self[i] = value
  while i > 1 and self.less(self[i], self[i // 2]) do
    self[i], self[i // 2] = self[i // 2], self[i]
    i = i // 2
  end
end
function Heap:pop()
  if self.size == 0 then return nil end
  local top = self[1]
  self[1], self[self.size] = self[self.size], nil
  self.size = self.size - 1
  local i = 1
  while true do
    local child = 2 * i
    if child > self.size then break end
    if child < self.size and self.less(self[child + 1], self[child]) then child = child + 1 end
    if not self.less(self[child], self[i]) then break end
    self[i], self[child] = self[child], self[i]
    i = child
  end
  return top
end
local heap = Heap.new(function(a, b) return a < b end)
for i = 1, 40 do heap:push(i * 17 % 41) end
for _ = 1, 40 do io.write(heap:pop(), " ") end
print(heap:pop())
local graph, names = {}, {}
local function edge(a, b, w)
  for _, n in ipairs { a, b } do if not graph[n] then graph[n] = {} names[#names + 1] = n end end
  table.insert(graph[a], { to = b, weight = w })
end
for i = 0, 24 do
  local x, y = i % 5, i // 5
  if x < 4 then edge("n" .. i, "n" .. i + 1, (i * 7) % 5 + 1) end
  if y < 4 then edge("n" .. i, "n" .. i + 5, (i * 3) % 7 + 1) end
  if i % 6 == 0 and i > 0 then edge("n" .. i, "n" .. i - 6, 2) end
end
table.sort(names, function(a, b) return tonumber(a:sub(2)) < tonumber(b:sub(2)) end)
local function dijkstra(source)
  local distance, previous, queue = { [source] = 0 }, {}, Heap.new(function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[2] < b[2] end)
  queue:push { 0, source }
  while queue.size > 0 do
    local d, node = table.unpack(queue:pop())
    if d == distance[node] then
      for _, e in ipairs(graph[node]) do
        local candidate = d + e.weight
        if candidate < (distance[e.to] or math.huge) then
          distance[e.to], previous[e.to] = candidate, node
          queue:push { candidate, e.to }
        end
      end
    end
  end
  return distance, previous
end
local distance, previous = dijkstra "n0"
for _, name in ipairs(names) do io.write(name, "=", tostring(distance[name]), " ") end
print()
local path, node = {}, "n24"
while node do table.insert(path, 1, node) node = previous[node] end
print(table.concat(path, " "))
local function breadthFirst(source)
  local order, seen, queue, head = {}, { [source] = 0 }, { source }, 1
  while queue[head] do
    local n = queue[head]
    head = head + 1
    order[#order + 1] = n .. ":" .. seen[n]
    for _, e in ipairs(graph[n]) do if not seen[e.to] then seen[e.to] = seen[n] + 1 queue[#queue + 1] = e.to end end
  end
  return order
end
print(table.concat(breadthFirst "n12", " "))
local tasks = { dinner = { "cook", "table" }, cook = { "shop", "kitchen" }, shop = { "money" }, table = {}, kitchen = { "clean" }, clean = {}, money = {} }
local function topological(dependencies)
  local order, state = {}, {}
  local function visit(n, trail)
    if state[n] == "done" then return end
    if state[n] == "active" then error("cycle: " .. table.concat(trail, ">") .. ">" .. n, 0) end
    state[n] = "active"
    trail[#trail + 1] = n
    for _, d in ipairs(dependencies[n] or {}) do visit(d, trail) end
    trail[#trail] = nil
    state[n] = "done"
    order[#order + 1] = n
  end
  local all = {}
  for n in pairs(dependencies) do all[#all + 1] = n end
  table.sort(all)
  for _, n in ipairs(all) do visit(n, {}) end
  return table.concat(order, " ")
end
print(topological(tasks))
tasks.money = { "dinner" }
print(pcall(topological, tasks))
local parent = {}
local function find(x) if parent[x] ~= x then parent[x] = find(parent[x]) end return parent[x] end
local edges = {}
for _, n in ipairs(names) do parent[n] = n for _, e in ipairs(graph[n]) do edges[#edges + 1] = { n, e.to, e.weight } end end
table.sort(edges, function(a, b) if a[3] ~= b[3] then return a[3] < b[3] end if a[1] ~= b[1] then return a[1] < b[1] end return a[2] < b[2] end)
local total, used = 0, 0
for _, e in ipairs(edges) do
  local a, b = find(e[1]), find(e[2])
  if a ~= b then parent[a] = b total = total + e[3] used = used + 1 end
end
print(total, used)
