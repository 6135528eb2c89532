-- The package library and what loads files (manual 6.1, 6.3).

local function write(text)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
  return name
end

-- searchpath tells every file that it has tried, empty templates included.
do
  local found, message = package.searchpath("none.such", "?/a;;b?.lua")
  assert(found == nil and message == "no file 'none/such/a'\n\tno file ''\n\tno file 'bnone/such.lua'")
  found, message = package.searchpath("none-such", "<?>", "-", "+")
  assert(found == nil and message == "no file '<none+such>'")
  local name = write "return 1"
  assert(package.searchpath(name, "?", "") == name)
  os.remove(name)
end

-- There are four searchers; C modules have their two.
do
  assert(#package.searchers == 4)
  local ok, message = pcall(require, "no.such.module")
  assert(not ok)
  for _, part in ipairs {"module 'no.such.module' not found:\n\tno field package.preload['no.such.module']\n\tno file '",
                         "no/such/module.lua'", "no/such/module.so'", "\n\tno file '"} do
    assert(string.find(message, part, 1, true), message)
  end
  assert(package.searchers[4]("root") == nil)
  assert(string.find(package.searchers[4]("root.leaf"), "/root.so'", 1, true))
  local saved = package.cpath
  package.cpath = 1 > 2
  ok, message = pcall(require, "no.such.module")
  package.cpath = saved
  assert(not ok and string.find(message, "'package.cpath' must be a string", 1, true))
end

-- A file that is no C module: an error that names it, and (nil, message, where) from loadlib.
do
  local name = write "not a library"
  local saved = package.cpath
  package.cpath = name
  local ok, message = pcall(require, "module_of_this_test")
  package.cpath = saved
  assert(not ok and string.find(message, "error loading module 'module_of_this_test' from file '" .. name .. "':\n\t", 1, true))
  local result, why, where = package.loadlib(name, "luaopen_x")
  os.remove(name)
  assert(result == nil and type(why) == "string" and where == "open")
  assert(not pcall(package.loadlib, name) and not pcall(package.loadlib))
end

-- Shared libraries: loaded for others to link with, or for a function of theirs.
do
  assert(package.loadlib("libm.so.6", "*") == true)
  local f = package.loadlib("libm.so.6", "cos")
  assert(type(f) == "function" and debug.getinfo(f, "S").what == "C")
  local result, why, where = package.loadlib("libm.so.6", "no_such_function")
  assert(result == nil and string.find(why, "no_such_function", 1, true) and where == "init")
end

-- dofile gives all results, can be yielded through, and fails like any other call.
do
  local name = write [[
    local first = coroutine.yield("one", ...)
    local second = coroutine.yield(first)
    return first, second, nil
  ]]
  local co = coroutine.wrap(dofile)
  assert(co(name) == "one" and co(10) == 10)
  local results = table.pack(co(20))
  assert(results.n == 3 and results[1] == 10 and results[2] == 20)
  local file = assert(io.open(name, "w"))
  file:write "local level = ... error({level})"
  file:close()
  local ok, message = pcall(dofile, name)
  assert(not ok and type(message) == "table" and message[1] == nil)
  file = assert(io.open(name, "w"))
  file:write "return debug.traceback()"
  file:close()
  assert(string.find(dofile(name), "in main chunk\n\t%[C%]: in function 'dofile'\n"))
  os.remove(name)
  ok, message = pcall(dofile, name)
  assert(not ok and string.find(message, "cannot open " .. name, 1, true))
end

-- require cannot be yielded through.
do
  package.preload["yields in this test"] = function() return coroutine.yield() end
  local ok, message = coroutine.resume(coroutine.create(function() return require "yields in this test" end))
  assert(not ok and string.find(message, "attempt to yield across a C-call boundary", 1, true))
end

-- The header of dumped functions is the language's; damaged or truncated ones are refused.
do
  local dumped = string.dump(function(a) return a + 1 end)
  local header = string.pack("<c4BBc6BBBjn", "\27Lua", 0x54, 0, "\x19\x93\r\n\x1a\n", 4, 8, 8, 0x5678, 370.5)
  assert(string.sub(dumped, 1, #header) == header and load(dumped)(1) == 2)
  for i = 1, #header do
    local changed = string.sub(dumped, 1, i - 1) .. string.char(string.byte(dumped, i) ~ 1) .. string.sub(dumped, i + 1)
    assert(not load(changed))
  end
  for i = 1, #dumped - 1 do
    local f, message = load(string.sub(dumped, 1, i))
    assert(f == nil and string.find(message, "truncated", 1, true))
  end
end

-- Nothing looks like another implementation than the reference, and there is no more than it has; what Selvage adds is
-- found by require only.
do
  local libraries = {_G = true, package = true, coroutine = true, table = true, io = true, os = true, string = true,
                     math = true, utf8 = true, debug = true}
  local hasSelvage = package.preload.selvage ~= nil
  for _, where in ipairs {_G, package.loaded, package.preload} do
    for name in pairs(where) do
      assert(name ~= "jit" and name ~= "ffi" and name ~= "bit")
      if where == package.loaded then assert(libraries[name], name) end
      if where == package.preload then assert(name == "selvage" or name:find("test", 1, true), name) end
    end
  end
  for name in ("jit ffi bit bit32 loadstring unpack setfenv getfenv gcinfo newproxy module"):gmatch "%g+" do
    assert(_G[name] == nil, name)
  end
  for name in ("jit ffi bit bit32 table.new table.clear string.buffer jit.util"):gmatch "%g+" do
    assert(not pcall(require, name), name)
  end
  assert(table.new == nil and table.clear == nil and table.isarray == nil and string.buffer == nil)
  if hasSelvage then
    local selvage, how = require "selvage"
    assert(how == ":preload:" and require "selvage" == selvage and package.loaded.selvage == selvage)
    assert(_G.selvage == nil and type(selvage.jit.status()) == "table")
    package.loaded.selvage = nil
    local again = require "selvage"
    assert(again ~= selvage and again.jit.status().mode == selvage.jit.status().mode)
    package.loaded.selvage = nil
    local loader = package.preload.selvage
    package.preload.selvage = nil
    assert(not pcall(require, "selvage"))
    package.preload.selvage = loader
  end
end

-- What searchers say may be a number, and so may the paths be.
do
  local searchers, path = package.searchers, package.path
  package.searchers = { function() return 17 end, function() return nil end, function() return {} end }
  local _, message = pcall(require, "nowhere")
  package.searchers, package.path = searchers, 55
  local _, withNumber = pcall(require, "nowhere")
  package.path = path
  assert(message:find("module 'nowhere' not found:\n\t17$") and withNumber:find("no file '55'", 1, true))
end
