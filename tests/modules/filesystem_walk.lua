-- LuaFileSystem, a C module of Debian's: directories, attributes, locks, iterators with to-be-closed values. Works in the folder
-- that TEST_FOLDER names, which is empty.
local lfs = require "lfs"
print(lfs._VERSION)
local folder = assert(os.getenv "TEST_FOLDER")
local function hide(text) return (tostring(text):gsub(folder, "FOLDER", 1)) end
assert(lfs.chdir(folder))
print(lfs.currentdir() == folder)

-- ---- making, listing, removing ----
print(lfs.mkdir "one", lfs.mkdir "one/two", lfs.mkdir "one/three")
print(lfs.mkdir "one")
print(lfs.mkdir "none/below")
for i = 1, 20 do
  local file = assert(io.open(("one/file%02d"):format(i), "w"))
  file:write(("x"):rep(i))
  file:close()
end
local function list(path)
  local names = {}
  for name in lfs.dir(path) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, " ")
end
print(list "one")
print(list "one/two")
for i = 1, 200 do assert(#list "one" > 100) end
print(pcall(lfs.dir, "none"))

-- The directory object: methods, and what happens after its end.
local iterator, object = lfs.dir "one"
print(type(iterator), type(object), tostring(object):match "^[%a ]+")
local count = 0
while object:next() do count = count + 1 end
print(count, pcall(object.next, object))
print(object:close(), pcall(iterator, object))
for name in lfs.dir "one" do if name then break end end
print(pcall(function() for name in lfs.dir "one" do error("in the loop", 0) end end))
for i = 1, 3000 do local f, d = lfs.dir "one/two" end -- closed by the collector, or there would be no descriptors left
collectgarbage()
print(list "one/two")

-- ---- attributes ----
local a = lfs.attributes "one/file07"
print(a.mode, a.size, a.nlink, a.permissions, type(a.modification), type(a.ino), a.blksize > 0)
print(lfs.attributes("one/file07", "size"), lfs.attributes("one", "mode"), lfs.attributes("none", "mode"))
print(pcall(lfs.attributes, "one", "nonsense"))
local reused = {}
print(lfs.attributes("one/file03", reused) == reused, reused.size)
print(lfs.touch("one/file01", 1000000000, 1000000001), lfs.attributes("one/file01", "access"), lfs.attributes("one/file01", "modification"))
print(lfs.touch "none")
print(lfs.link("file05", "one/symbolic", true), lfs.symlinkattributes("one/symbolic", "mode"), lfs.attributes("one/symbolic", "size"))
print(lfs.symlinkattributes("one/symbolic", "target"))
print(lfs.link("one/file05", "one/hard"), lfs.attributes("one/hard", "nlink"))
print(pcall(lfs.setmode, io.stdout, "binary"))
print(pcall(lfs.setmode, 5, "binary"))

-- ---- locks; files of the io library used by C ----
local file = assert(io.open("one/file10", "r+"))
print(lfs.lock(file, "w"), lfs.unlock(file))
print(lfs.lock(file, "r", 0, 5), lfs.unlock(file, 0, 5))
print(pcall(lfs.lock, file, "x"))
file:close()
print(pcall(lfs.lock, file, "w"))
local lock = lfs.lock_dir(folder)
print(lock ~= nil, hide(select(2, lfs.lock_dir(folder))))
print(lock:free(), pcall(function() return lfs.lock_dir(folder):free() end))
do
  local held <close> = { lfs.lock_dir(folder) } and nil
end
collectgarbage()

-- ---- a recursive walk with a coroutine ----
local function walk(path)
  return coroutine.wrap(function()
    local function visit(directory)
      local names = {}
      for name in lfs.dir(directory) do
        if name ~= "." and name ~= ".." then names[#names + 1] = name end
      end
      table.sort(names)
      for _, name in ipairs(names) do
        local full = directory .. "/" .. name
        coroutine.yield(full, lfs.symlinkattributes(full, "mode"))
        if lfs.attributes(full, "mode") == "directory" then visit(full) end
      end
    end
    visit(path)
  end)
end
local total = 0
for path, mode in walk(".") do
  total = total + #path
  if mode ~= "file" then print(path, mode) end
end
print("total", total)

for name in lfs.dir "one" do
  if lfs.symlinkattributes("one/" .. name, "mode") ~= "directory" then assert(os.remove("one/" .. name)) end
end
print(lfs.rmdir "one/two", lfs.rmdir "one/three", lfs.rmdir "one")
print(lfs.rmdir "one")
print(hide(lfs.currentdir()), pcall(lfs.chdir, "none"))
