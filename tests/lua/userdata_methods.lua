-- Methods and fields of userdata, found through inline caches, when their metatables change. Files are the userdata at
-- hand.
local function shapeOf(file) return file:seek("cur") end

-- A method called often, then replaced, then removed.
local metatable = getmetatable(io.stdout)
local files = {}
for i = 1, 4 do files[i] = io.tmpfile() end
local function callAll()
  local total = 0
  for turn = 1, 200 do
    for i = 1, #files do total = total + shapeOf(files[i]) end
  end
  return total
end
assert(callAll() == 0)
local index = metatable.__index
local seek = index.seek
index.seek = function(self, whence) assert(io.type(self) == "file" and whence == "cur") return 3 end
assert(callAll() == 2400)
index.seek = nil
assert(not pcall(callAll))
index.seek = seek
assert(callAll() == 0)

-- A field of every kind: absent, present, through a function, through a chain.
local function read(file) return file.extra end
local function reads(expected)
  for turn = 1, 300 do
    for i = 1, #files do assert(read(files[i]) == expected) end
  end
end
reads(nil)
index.extra = "here"
reads("here")
index.extra = nil
reads(nil)
setmetatable(index, {__index = {extra = "further"}})
reads("further")
setmetatable(index, nil)
reads(nil)
metatable.__index = function(file, key) return key .. "!" end
reads("extra!")
metatable.__index = nil
local ok, message = pcall(reads, 1)
assert(not ok and message:find("attempt to index a FILE* value (local 'file')", 1, true), message)
metatable.__index = index
reads(nil)

-- Userdata and tables with the same metatable at one place, and an empty table without one.
local same = setmetatable({}, metatable)
local function extraOf(object) return object.extra end
for turn = 1, 300 do
  assert(extraOf(files[1]) == nil and extraOf(same) == nil and extraOf({}) == nil and extraOf({extra = 1}) == 1)
end
same.extra = "own"
for turn = 1, 300 do assert(extraOf(files[1]) == nil and extraOf(same) == "own") end

-- A userdata without metatable has no fields at all.
local bare = io.tmpfile()
bare:close()
debug.setmetatable(bare, nil)
local function fieldOf(object) return object.anything end
for turn = 1, 300 do
  assert(fieldOf({}) == nil)
  assert(not pcall(fieldOf, bare))
end
debug.setmetatable(bare, {__index = {anything = 7}})
for turn = 1, 300 do assert(fieldOf(bare) == 7 and fieldOf({}) == nil) end
debug.setmetatable(bare, metatable)
assert(io.type(bare) == "closed file")
for i = 1, #files do files[i]:close() end
