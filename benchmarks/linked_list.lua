-- Linked lists: building, reversing in place, merge sort, filtering, and walking them over and over.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 60000

local seed = 11
local function random()
  seed = seed * 16807 % 2147483647
  return seed
end

local function build(count)
  local head
  for _ = 1, count do head = { value = random(), next = head } end
  return head
end

local function reverse(node)
  local head
  while node do
    local next = node.next
    node.next = head
    head, node = node, next
  end
  return head
end

local function length(node)
  local count = 0
  while node do
    count = count + 1
    node = node.next
  end
  return count
end

local function merge(a, b)
  local head = {}
  local tail = head
  while a and b do
    if a.value <= b.value then
      tail.next, a = a, a.next
    else
      tail.next, b = b, b.next
    end
    tail = tail.next
  end
  tail.next = a or b
  return head.next
end

local function sort(node)
  if not node or not node.next then return node end
  local slow, fast = node, node.next
  while fast and fast.next do slow, fast = slow.next, fast.next.next end
  local second = slow.next
  slow.next = nil
  return merge(sort(node), sort(second))
end

local function filter(node, keep)
  local head, tail
  while node do
    if keep(node.value) then
      local copy = { value = node.value }
      if tail then tail.next = copy else head = copy end
      tail = copy
    end
    node = node.next
  end
  return head
end

local function sum(node)
  local total = 0
  while node do
    total = total + node.value % 1000
    node = node.next
  end
  return total
end

local list = build(n)
local expected = sum(list)
for _ = 1, 10 do list = reverse(list) end
list = sort(list)
for node in function(_, previous) return (previous or { next = list }).next end do
  if node.next and node.value > node.next.value then error("not sorted") end
end
list = sort(reverse(list))
if sum(list) ~= expected or length(list) ~= n then error("nodes are lost") end
local even = filter(list, function(value) return value % 2 == 0 end)
local odd = filter(list, function(value) return value % 2 == 1 end)
if length(even) + length(odd) ~= n or sum(even) + sum(odd) ~= expected then error("wrong halves") end
print(expected, length(even))
