-- Table constructors: lists with holes at every place, lists of variable length, fields among them, more than one batch.

local function pack(...) return { ... } end
local function both(...) return { 1, 2, ... } end
for i = 1, 200 do
  local t = pack(1, nil, 3, nil)
  assert(#t == 1 or #t == 3)
  assert(t[1] == 1 and t[3] == 3 and t[4] == nil)
  assert(#pack() == 0 and #pack(nil, nil) == 0 and next(pack(nil)) == nil)
  local b = both(nil, 4)
  assert(b[2] == 2 and b[4] == 4 and b[3] == nil)
  local mixed = { [1] = "x", [2] = "y", "a", pack(1, 2)[2], [7] = 7, nil, "d" }
  assert(mixed[1] == "a" and mixed[2] == 2 and mixed[4] == "d" and mixed[7] == 7)
  local long = load("return { " .. ("0, "):rep(60) .. "... }")(table.unpack(pack(61, 62)))
  assert(#long == 62 and long[61] == 61 and long[60] == 0)
  local p = table.pack(nil, 2, nil)
  assert(p.n == 3 and p[2] == 2)
  local holes = { nil, nil, 3, nil, nil, 6, nil }
  assert(holes[3] == 3 and holes[6] == 6 and holes[1] == nil)
  local named = { a = 1, "x", b = 2, "y", c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, "z" }
  assert(named[3] == "z" and named.i == 9 and named.a == 1)
  for k, v in pairs(holes) do assert(k == v) end
end
