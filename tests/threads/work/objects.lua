-- Objects and functions of C++ (see state_works.cpp): calls in both directions, exceptions, ownership.
local total = 0
for i = 1, 300 do
  local vector = Vector.new(i, 2 * i)
  vector.x = vector.x + 1
  total = total + vector:dot(Vector.new(1, 1)) + (vector + vector).y
  local shared = share(vector)
  assert(shared.x == vector.x)
end
assert(not pcall(Vector.new, "x"))
local succeeded, message = pcall(refuse, "this")
assert(not succeeded and message == "refused: this", message)
assert(select(2, pcall(callBack, function() error("from Lua", 0) end)) == "from Lua")
assert(callBack(function(x) return x * 2 end) == 42)
local list = reversed({1, 2, 3, 4})
assert(list[1] == 4 and list[4] == 1)
return ("%.0f %s"):format(total, ("%d"):rep(3, ","):format(table.unpack(list)))
