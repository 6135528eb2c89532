-- The input and output functions (manual 6.8).

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), message)
end

local name = os.tmpname()
local function writeFile(text)
  local file = assert(io.open(name, "wb"))
  assert(file:write(text) == file)
  assert(file:close() == true)
end
local function readFile()
  local file <close> = assert(io.open(name, "rb"))
  return file:read "a"
end

-- Opening, types, closing.
do
  local file = assert(io.open(name, "w"))
  assert(io.type(file) == "file" and io.type(io.stdout) == "file" and io.type {} == nil and io.type "x" == nil)
  assert(tostring(file):find("^file %(0x%x+%)$"))
  assert(getmetatable(file).__name == "FILE*" and getmetatable(file).__index.read == file.read)
  assert(io.close(file) == true)
  assert(io.type(file) == "closed file" and tostring(file) == "file (closed)")
  failsWith("attempt to use a closed file", function() file:read() end)
  failsWith("attempt to use a closed file", io.close, file)
  failsWith("attempt to use a closed file", file.lines, file)
  failsWith("FILE* expected, got table", function() file.write({}, 1) end)
  failsWith("FILE* expected, got no value", io.stdout.seek)
  failsWith("bad argument #2 to 'io.open' (invalid mode)", io.open, name, "q")
  failsWith("invalid mode", io.open, name, "rw")
  failsWith("invalid mode", io.open, name, "")
  for _, mode in ipairs { "r", "rb", "r+", "r+b", "w", "wb", "a", "a+b" } do assert(io.open(name, mode)):close() end
  local missing, message, code = io.open(name .. ".missing")
  assert(missing == nil and message == name .. ".missing: No such file or directory" and code == 2)
  local closed, why = io.stdout:close()
  assert(closed == nil and why == "cannot close standard file")
  failsWith("value expected", io.type)
end

-- Writing.
do
  local file = assert(io.open(name, "w"))
  file:write("text ", 12, " ", 1.5, " ", -7, "\n", "\0", ("long"):rep(5000))
  assert(file:seek "cur" == 16 + 20000)
  failsWith("string expected, got table", function() file:write("x", {}) end)
  file:close()
  assert(readFile() == "text 12 1.5 -7\n\0" .. ("long"):rep(5000) .. "x")
  file = assert(io.open(name, "a"))
  file:write "appended"
  file:close()
  assert(readFile():sub(-9) == "xappended")
  local readOnly = assert(io.open(name))
  local result, message, code = readOnly:write "x"
  assert(result == nil and type(message) == "string" and math.type(code) == "integer")
  readOnly:close()
end

-- Reading by format.
do
  writeFile "first\nsecond\n\n12 0x1F -3.5e2 .5 7e 1e+ word\nlast"
  local file = assert(io.open(name))
  assert(file:read() == "first" and file:read "L" == "second\n" and file:read "l" == "")
  local a, b, c, d = file:read("n", "n", "n", "n")
  assert(a == 12 and b == 31 and c == -350.0 and d == 0.5 and math.type(a) == "integer" and math.type(c) == "float")
  assert(file:read "n" == nil)
  assert(file:read "n" == nil)
  assert(file:read "l" == " word" and file:read(2) == "la" and file:read(0) == "")
  assert(file:read(100) == "st" and file:read(0) == nil and file:read(1) == nil and file:read "l" == nil)
  assert(file:read "a" == "" and file:read "n" == nil and select("#", file:read("a", "l", "a")) == 2)
  assert(file:seek "set" == 0 and file:read "*l" == "first" and file:read "*number" == nil)
  file:seek("set", 6)
  assert(file:read(3, 3, "l") == "sec")
  failsWith("invalid format", file.read, file, "x")
  failsWith("invalid format", file.read, file, "")
  failsWith("string expected, got table", file.read, file, {})
  file:close()
  writeFile(("x"):rep(1000) .. "\n" .. ("y"):rep(256) .. "\n" .. "\0a\0\n")
  file = assert(io.open(name))
  assert(file:read() == ("x"):rep(1000) and file:read "L" == ("y"):rep(256) .. "\n" and file:read() == "\0a\0")
  file:close()
  writeFile(("9"):rep(300) .. " 5")
  file = assert(io.open(name))
  assert(file:read "n" == nil)
  file:close()
  writeFile "0x1p4 0xA.8 +7 - 8 nan"
  file = assert(io.open(name))
  assert(file:read "n" == 16.0 and file:read "n" == 10.5 and file:read "n" == 7 and file:read "n" == nil)
  assert(file:read "n" == 8 and file:read "n" == nil and file:read "a" == "nan")
  file:close()
end

-- Positions and buffers.
do
  local file = assert(io.open(name, "w+"))
  file:write "0123456789"
  assert(file:seek() == 10 and file:seek("set", 3) == 3 and file:read(2) == "34" and file:seek("cur", -1) == 4)
  assert(file:seek("end", -2) == 8 and file:read "a" == "89")
  local position, message, code = file:seek("cur", -100)
  assert(position == nil and message == "Invalid argument" and code == 22)
  failsWith("invalid option 'x'", file.seek, file, "x")
  failsWith("number expected, got string", file.seek, file, "set", "x")
  assert(file:setvbuf "no" == true and file:setvbuf("full", 1024) and file:setvbuf "line" and file:flush())
  failsWith("invalid option 'q'", file.setvbuf, file, "q")
  file:close()
end

-- lines.
do
  writeFile "a\nbb\n\nccc"
  local seen = {}
  for line in io.lines(name) do seen[#seen + 1] = line end
  assert(table.concat(seen, "|") == "a|bb||ccc")
  seen = {}
  for line in io.lines(name, "L") do seen[#seen + 1] = line end
  assert(table.concat(seen) == "a\nbb\n\nccc")
  local pairsOfBytes = {}
  for x, y in io.lines(name, 1, 1) do pairsOfBytes[#pairsOfBytes + 1] = x .. (y or "") end
  assert(pairsOfBytes[1] == "a\n" and pairsOfBytes[2] == "bb" and #pairsOfBytes == 5)
  assert(select("#", io.lines(name)) == 4 and io.type(select(4, io.lines(name))) == "file")
  local iterator, _, _, file = io.lines(name)
  while iterator() do end
  assert(io.type(file) == "closed file")
  failsWith("file is already closed", iterator)
  local kept = assert(io.open(name))
  for _ in kept:lines() do end
  assert(io.type(kept) == "file")
  kept:close()
  local _, _, _, abandoned = io.lines(name)
  do
    local closing <close> = abandoned
  end
  assert(io.type(abandoned) == "closed file")
  failsWith("No such file or directory", io.lines, name .. ".missing")
  failsWith("too many arguments", io.lines, name, table.unpack({}, 1, 251))
end

-- Default files.
do
  writeFile "one\ntwo\n3"
  local input, output = io.input(), io.output()
  assert(input == io.stdin and output == io.stdout)
  assert(io.type(io.input(name)) == "file" and io.read() == "one" and io.read("l", "n") == "two")
  io.close(io.input())
  failsWith("default input file is closed", io.read)
  failsWith("attempt to use a closed file", io.lines)
  io.input(input)
  local other = os.tmpname()
  io.output(other)
  assert(io.write("to the ", "default ", 1) == io.output())
  assert(io.flush())
  io.close()
  failsWith("default output file is closed", io.write, "x")
  io.output(output)
  io.input(other)
  assert(io.read "a" == "to the default 1")
  io.input():close()
  io.input(input)
  os.remove(other)
  failsWith("cannot open file", io.input, name .. ".missing")
  failsWith("FILE* expected", io.output, {})
end

-- Temporary files and processes.
do
  local file = assert(io.tmpfile())
  file:write "temporary"
  file:seek "set"
  assert(file:read "a" == "temporary" and file:close())
  local process = assert(io.popen("echo out; exit 3"))
  assert(process:read() == "out" and process:read() == nil)
  local ok, how, code = process:close()
  assert(ok == nil and how == "exit" and code == 3)
  process = assert(io.popen("cat > " .. name, "w"))
  process:write "through a pipe"
  assert(process:close() == true)
  assert(readFile() == "through a pipe")
  failsWith("invalid mode", io.popen, "true", "x")
end

-- Files close when they are collected, and when their variable's scope ends.
do
  do
    local file = io.open(name, "w")
    file:write "flushed by the collector"
  end
  for _ = 1, 3 do collectgarbage() end
  assert(readFile() == "flushed by the collector")
  local kept
  do
    local file <close> = io.open(name)
    kept = file
  end
  assert(io.type(kept) == "closed file")
end

-- Formats that are none, also of iterators, whose formats are not their arguments.
do
  local function messageOf(...) return select(2, pcall(...)) end
  local file = assert(io.open(name))
  assert(messageOf(file.read, file, -1) == "not enough memory")
  assert(messageOf(file.read, file, {}):find("string expected, got table", 1, true))
  assert(messageOf(file.read, file, "?"):find("invalid format", 1, true))
  file:close()
  assert(messageOf(io.lines(name, true)):find("string expected, got boolean", 1, true))
  assert(messageOf(io.lines(name, "l", {})):find("string expected, got table", 1, true))
end

-- Reading a directory is an error that is returned.
do
  local directory = io.open "/"
  if directory then
    local result, message, code = directory:read "a"
    assert(result == nil and message == "Is a directory" and code == 21)
    directory:close()
  end
end

assert(os.remove(name))
