-- Finding the nested loops of a control flow graph by Havlak's algorithm, on a large generated graph.
-- Object graphs, sets as tables, depth-first search and union-find.
-- quick: 2
local n = tonumber(arg and arg[1]) or 45

-- ---- the control flow graph ----

local function newGraph() return { blocks = {} } end

local function newBlock(graph)
  local block = { name = #graph.blocks + 1, entering = {}, leaving = {} }
  graph.blocks[block.name] = block
  return block
end

local function connect(from, to)
  from.leaving[#from.leaving + 1] = to
  to.entering[#to.entering + 1] = from
end

-- Adds `length` blocks in a line behind `block` and returns the last one.
local function straight(graph, block, length)
  for _ = 1, length do
    local next = newBlock(graph)
    connect(block, next)
    block = next
  end
  return block
end

local function diamond(graph, top)
  local left, right, bottom = newBlock(graph), newBlock(graph), newBlock(graph)
  connect(top, left)
  connect(top, right)
  connect(left, bottom)
  connect(right, bottom)
  return bottom
end

-- A loop around `depth - 1` nested ones, whose innermost body is a diamond; returns the block behind it.
local function nest(graph, entry, depth)
  local header = straight(graph, entry, 1)
  local last
  if depth == 1 then last = diamond(graph, header) else last = nest(graph, header, depth - 1) end
  local latch = straight(graph, last, 1)
  connect(latch, header)
  return straight(graph, latch, 1)
end

-- ---- union-find ----

local function find(nodes, i)
  local root = i
  while nodes[root].parent ~= root do root = nodes[root].parent end
  while nodes[i].parent ~= root do nodes[i].parent, i = root, nodes[i].parent end
  return root
end

-- ---- the algorithm ----

-- Numbers the reachable blocks in preorder. Iterative, as graphs may be deep.
local function depthFirst(entry)
  local order, number, last = {}, {}, {}
  local stack = { { block = entry, next = 1 } }
  order[1], number[entry] = entry, 1
  while #stack > 0 do
    local top = stack[#stack]
    local successor = top.block.leaving[top.next]
    if successor then
      top.next = top.next + 1
      if not number[successor] then
        order[#order + 1] = successor
        number[successor] = #order
        stack[#stack + 1] = { block = successor, next = 1 }
      end
    else
      last[number[top.block]] = #order
      stack[#stack] = nil
    end
  end
  return order, number, last
end

-- Returns the loops: tables with header, members (blocks and loops directly inside), parent and whether reducible.
local function findLoops(graph)
  local order, number, last = depthFirst(graph.blocks[1])
  local nodes = {}
  for w = 1, #order do
    local node = { parent = w, back = {}, other = {}, loop = nil }
    nodes[w] = node
    for _, predecessor in ipairs(order[w].entering) do
      local v = number[predecessor]
      if v then
        if w <= v and v <= last[w] then node.back[#node.back + 1] = v else node.other[v] = true end
      end
    end
  end

  local loops = {}
  for w = #order, 1, -1 do
    local node = nodes[w]
    local body, inBody, selfLoop, reducible = {}, {}, false, true
    for _, v in ipairs(node.back) do
      if v == w then
        selfLoop = true
      else
        local root = find(nodes, v)
        if not inBody[root] then
          inBody[root] = true
          body[#body + 1] = root
        end
      end
    end
    local position = 1
    while position <= #body do
      local x = nodes[body[position]]
      position = position + 1
      local irreducible
      for v in pairs(x.other) do
        local root = find(nodes, v)
        if w <= root and root <= last[w] then
          if root ~= w and not inBody[root] then
            inBody[root] = true
            body[#body + 1] = root
          end
        else
          reducible = false
          irreducible = irreducible or {}
          irreducible[#irreducible + 1] = root
        end
      end
      if irreducible then
        for _, root in ipairs(irreducible) do node.other[root] = true end
      end
    end
    if #body > 0 or selfLoop then
      local loop = { header = order[w], blocks = 1, nested = {}, parent = nil, reducible = reducible }
      node.loop = loop
      for _, member in ipairs(body) do
        local inner = nodes[member]
        inner.parent = w
        if inner.loop then
          inner.loop.parent = loop
          loop.nested[#loop.nested + 1] = inner.loop
        else
          loop.blocks = loop.blocks + 1
        end
      end
      loops[#loops + 1] = loop
    end
  end
  return loops
end

local function depthOf(loop)
  local depth = 1
  while loop.parent do
    loop = loop.parent
    depth = depth + 1
  end
  return depth
end

-- ---- the run ----

local depth, rows, columns = 4, 10, 30
local graph = newGraph()
local block = straight(graph, newBlock(graph), 2)
for _ = 1, rows do
  local header = straight(graph, block, 1)
  block = header
  for _ = 1, columns do block = nest(graph, block, depth) end
  connect(block, header)
  block = straight(graph, block, 1)
end
-- One loop with two entries, which is not reducible.
local left, right = newBlock(graph), newBlock(graph)
connect(block, left)
connect(block, right)
connect(left, right)
connect(right, left)

local expectedLoops = rows * (1 + columns * depth) + 1
local total = 0
for _ = 1, n do
  local loops = findLoops(graph)
  if #loops ~= expectedLoops then error("wrong number of loops: " .. #loops) end
  local deepest, irreducible, blocks = 0, 0, 0
  for _, loop in ipairs(loops) do
    deepest = math.max(deepest, depthOf(loop))
    blocks = blocks + loop.blocks
    if not loop.reducible then irreducible = irreducible + 1 end
  end
  if deepest ~= depth + 1 or irreducible ~= 1 then error("wrong nesting: " .. deepest .. " " .. irreducible) end
  total = total + blocks
end
print(total, #graph.blocks)
