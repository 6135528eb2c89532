-- table.insert, remove, concat, unpack, pack, move and sort, also on proxies.
local function show(t) return "{" .. table.concat(t, ",") .. "}" end
local t = {}
table.insert(t, "a") table.insert(t, 1, "b") table.insert(t, 2, "c") table.insert(t, #t + 1, "d")
print(show(t), table.remove(t, 1), show(t), table.remove(t), show(t), table.remove(t, #t + 1), show(t))
print(table.remove({}), table.remove({}, 0), #t, table.remove({ [0] = "zero" }, 0))
print(show(table.move({ 1, 2, 3, 4, 5 }, 2, 4, 1)), show(table.move({ 1, 2, 3, 4, 5 }, 1, 3, 3)), show(table.move({ 1, 2, 3 }, 1, 3, 2, {  "x" })), show(table.move({ 1, 2 }, 1, 0, 5)))
print(table.concat({}), table.concat({ 1 }, ","), table.concat({ 1, 2.5, "x" }, "-"), table.concat({ 1, 2, 3, 4 }, ";", 2, 3), table.concat({ 1, 2 }, ",", 3), table.concat({ 1, 2, 3 }, ", ", 3, 3))
print(table.unpack({ 1, 2, 3 })) print(table.unpack({ 1, 2, 3 }, 2)) print(table.unpack({ 1, 2, 3 }, 2, 5)) print(table.unpack({}, 1, 2)) print((table.unpack({ 1, 2 })))
print(table.unpack({ 1, 2 }, 3), select("#", table.unpack({}, 5, 4)), select("#", table.unpack({}, -2, 2)))
local packed = table.pack(nil, 2, nil)
print(packed.n, packed[1], packed[2], packed[3], #table.pack(), table.pack().n)
local words = { "banana", "apple", "cherry", "date", "elderberry", "fig", "grape" }
table.sort(words) print(show(words))
table.sort(words, function(a, b) return a > b end) print(show(words))
table.sort(words, function(a, b) return #a < #b or #a == #b and a < b end) print(show(words))
local numbers = { 5, 2.5, -1, 1e10, 0, 3, math.huge, -math.huge, 2 }
table.sort(numbers) print(show(numbers))
local records = {}
for i = 1, 30 do records[i] = { key = i * 37 % 11, id = i } end
table.sort(records, function(a, b) if a.key ~= b.key then return a.key < b.key end return a.id < b.id end)
for _, r in ipairs(records) do io.write(r.key, ":", r.id, " ") end
print()
local big = {}
for i = 1, 500 do big[i] = i * 7919 % 1009 end
table.sort(big)
local ordered = true
for i = 2, #big do ordered = ordered and big[i - 1] <= big[i] end
print(ordered, big[1], big[250], big[500])
local storage, log = { 3, 1, 2 }, {}
local proxy = setmetatable({}, {
  __index = function(_, k) log[#log + 1] = "r" .. k return storage[k] end,
  __newindex = function(_, k, v) log[#log + 1] = "w" .. k storage[k] = v end,
  __len = function() log[#log + 1] = "len" return #storage end,
})
table.insert(proxy, 9) print(show(storage), table.concat(log, " ")) log = {}
table.insert(proxy, 1, 8) print(show(storage), table.concat(log, " ")) log = {}
print(table.remove(proxy, 2), show(storage), table.concat(log, " ")) log = {}
print(table.concat(proxy, "+"), table.concat(log, " ")) log = {}
print(table.unpack(proxy)) print(table.concat(log, " ")) log = {}
table.move(proxy, 1, 2, 3) print(show(storage), table.concat(log, " "))
table.sort(proxy) print(show(storage))
local stack = {}
for i = 1, 1000 do stack[#stack + 1] = i if i % 3 == 0 then stack[#stack] = nil end end
print(#stack, stack[#stack], stack[1], stack[100])
for _, call in ipairs {
  function() table.insert({ 1, 2, 3 }, 6, "x") end, function() table.insert({}, 0, "x") end, function() table.insert({}) end,
  function() table.concat({ {} }) end, function() table.concat({ 1, nil, 3 }, ",", 1, 3) end, function() table.move({}, 1, math.maxinteger, 2) end, function() table.unpack() end,
  function() table.sort({ 1, 2 }, "x") end, function() table.sort() end, function() table.move({ 1 }, 1, 1, 1, 5) end,
} do print(pcall(call)) end
