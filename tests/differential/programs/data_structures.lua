-- Linked lists, deques, sets, LRU caches, tries, skip lists, ropes, bit sets, priority buckets.
local List = {}
List.__index = List
function List.new(...) local l = setmetatable({ size = 0 }, List) for _, v in ipairs { ... } do l:append(v) end return l end
function List:append(v) local node = { value = v, previous = self.last } if self.last then self.last.next = node else self.first = node end self.last = node self.size = self.size + 1 return node end
function List:remove(node)
  if node.previous then node.previous.next = node.next else self.first = node.next end
  if node.next then node.next.previous = node.previous else self.last = node.previous end
  self.size = self.size - 1
  return node.value
end
function List:each() local node = { next = self.first } return function() node = node.next if node then return node.value, node end end end
function List:__tostring() local parts = {} for v in self:each() do parts[#parts + 1] = tostring(v) end return "(" .. table.concat(parts, " ") .. ")" end
local list = List.new(1, 2, 3, 4, 5, 6)
for v, node in list:each() do if v % 2 == 0 then list:remove(node) end end
list:append "end"
print(list, list.size, list:remove(list.first), list)
local Set = {}
Set.__index = Set
local function set(...) local s = setmetatable({}, Set) for _, v in ipairs { ... } do s[v] = true end return s end
function Set.__add(a, b) local r = set() for k in pairs(a) do r[k] = true end for k in pairs(b) do r[k] = true end return r end
function Set.__mul(a, b) local r = set() for k in pairs(a) do if b[k] then r[k] = true end end return r end
function Set.__sub(a, b) local r = set() for k in pairs(a) do if not b[k] then r[k] = true end end return r end
function Set.__le(a, b) for k in pairs(a) do if not b[k] then return false end end return true end
function Set.__lt(a, b) return a <= b and not (b <= a) end
function Set.__eq(a, b) return a <= b and b <= a end
function Set.__len(a) local n = 0 for _ in pairs(a) do n = n + 1 end return n end
function Set.__tostring(a) local l = {} for k in pairs(a) do l[#l + 1] = tostring(k) end table.sort(l) return "{" .. table.concat(l, ",") .. "}" end
local a, b = set(1, 2, 3, "x"), set(2, 3, 4)
print(a + b, a * b, a - b, #(a + b), a <= b, a * b <= a, a * b < b, a == b, a * b == set(3, 2), set() < a)
local Cache = {}
Cache.__index = Cache
function Cache.new(n) return setmetatable({ limit = n, nodes = {}, list = List.new(), hits = 0 }, Cache) end
function Cache:get(k)
  local node = self.nodes[k]
  if not node then return nil end
  self.hits = self.hits + 1
  local pair = self.list:remove(node)
  self.nodes[k] = self.list:append(pair)
  return pair[2]
end
function Cache:put(k, v)
  if self.nodes[k] then self.list:remove(self.nodes[k]) elseif self.list.size == self.limit then self.nodes[self.list:remove(self.list.first)[1]] = nil end
  self.nodes[k] = self.list:append { k, v }
end
local cache = Cache.new(10)
for i = 1, 1000 do local k = i * i % 23 if not cache:get(k) then cache:put(k, i) end end
local kept = {}
for pair in cache.list:each() do kept[#kept + 1] = pair[1] .. "=" .. pair[2] end
print(cache.hits, table.concat(kept, " "))
local trie = {}
for word in ("the then there their thin this that than tea ten to ton tone"):gmatch "%a+" do
  local node = trie
  for c in word:gmatch "." do node[c] = node[c] or {} node = node[c] end
  node.word = word
end
local function complete(prefix)
  local node, found = trie, {}
  for c in prefix:gmatch "." do node = node and node[c] end
  local function walk(n) if n.word then found[#found + 1] = n.word end for code = 97, 122 do local next = n[string.char(code)] if next then walk(next) end end end
  if node then walk(node) end
  return table.concat(found, ",")
end
print(complete "the", complete "to", complete "thi", complete "x", complete "")
local BitSet = {}
BitSet.__index = function(s, i) if math.type(i) == "integer" then return (rawget(s, "w" .. i // 64) or 0) >> i % 64 & 1 == 1 end return BitSet[i] end
BitSet.__newindex = function(s, i, v) local k = "w" .. i // 64 local w = rawget(s, k) or 0 rawset(s, k, v and w | 1 << i % 64 or w & ~(1 << i % 64)) end
local bits = setmetatable({}, BitSet)
for i = 0, 300, 7 do bits[i] = true end
bits[14] = false
local on = {}
for i = 0, 100 do if bits[i] then on[#on + 1] = i end end
print(table.concat(on, " "), bits[294], bits[295], bits[63])
local Rope = {}
Rope.__index = Rope
Rope.__concat = function(x, y) return setmetatable({ left = x, right = y, length = #x + #y }, Rope) end
Rope.__len = function(r) return r.length end
local function text(r) if type(r) == "string" then return r end return text(r.left) .. text(r.right) end
local rope = setmetatable({ left = "", right = "", length = 0 }, Rope)
for i = 1, 50 do rope = i % 2 == 0 and rope .. tostring(i) or "<" .. rope end
print(#rope, text(rope))
local queue = { first = 1, last = 0 }
local function push(v) queue.last = queue.last + 1 queue[queue.last] = v end
local function pop() local v = queue[queue.first] queue[queue.first] = nil queue.first = queue.first + 1 return v end
local josephus = {}
for i = 1, 41 do push(i) end
while queue.first <= queue.last do push(pop()) push(pop()) josephus[#josephus + 1] = pop() if queue.last - queue.first < 2 then break end end
print(table.concat(josephus, " "), pop(), pop(), pop())
