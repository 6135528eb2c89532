-- Files: write, read in every format, seek, lines, append, errors.
local name = os.tmpname()
local f = assert(io.open(name, "w"))
print(io.type(f), io.type(io.stdout), io.type(5), f:write("first line\n", 2, " ", 3.5, "\n", "third\n\nfifth without end") == f)
print(f:seek "cur", f:seek("set", 2), f:seek "end", f:close(), io.type(f), tostring(f))
print(pcall(f.write, f, "x"))
for line in io.lines(name) do io.write("[", line, "]") end
print()
for line in io.lines(name, "L") do io.write(("%q"):format(line), " ") end
print()
for a, b in io.lines(name, 1, 3) do io.write("(", a, "|", tostring(b), ")") end
print()
f = io.open(name)
print(f:read(), f:read "n", f:read "n", f:read "n", f:read "l", f:read "l", f:read "L", f:read "a", f:read "a", f:read "l", f:read(0), f:read(1))
print(f:seek("set", 6), f:read(4), f:read(0), f:seek("cur", -4), f:read(2), f:seek("end", -3), f:read "a", f:read "n")
f:close()
f = io.open(name, "a+")
f:write "appended\n"
f:seek "set"
print(#f:read "a")
f:close()
f = io.open(name, "r+")
f:write "FIRST"
f:seek("set", 0)
print(f:read "l")
f:close()
f = io.open(name, "w")
f:write("0x1F -12 +7 1e3 .5 5. 0x.8p1 nan 12abc 99999999999999999999 - 1")
f:close()
f = io.open(name)
while true do
  local n = f:read "n"
  io.write(tostring(n), " ", math.type(n or "") or "", ";")
  if not n and not f:read(1) then break end
end
print()
f:close()
local saved = io.output()
io.output(name)
io.write("through the default output ", 42, "\n")
io.close()
io.output(saved)
io.input(name)
print(io.read "l", io.read "l", io.read(0))
io.close(io.input())
io.input(io.stdin)
print(select("#", io.open("/no/such/directory/file", "w")), (select(2, io.open "/no/such/file")), select(3, io.open "/no/such/file"))
print(pcall(io.open, name, "bad mode"))
print(pcall(io.lines, "/no/such/file"))
f = io.open(name, "w")
print(f:setvbuf("full", 1024), f:setvbuf "no", f:setvbuf "line", f:flush() == f)
for i = 1, 1000 do f:write(i, i % 10 == 0 and "\n" or " ") end
f:close()
local count, sum = 0, 0
for line in io.lines(name) do
  count = count + 1
  for n in line:gmatch "%d+" do sum = sum + n end
end
print(count, sum)
local numbers = {}
for n in io.lines(name, "n") do numbers[#numbers + 1] = n end
print(#numbers, numbers[1], numbers[1000])
do
  local h <close> = io.open(name)
  print(pcall(h.read, h, "x"), pcall(h.seek, h, "nowhere"), h:read "*l" == h:read "l")
end
print(os.rename(name, name .. ".moved"), os.remove(name .. ".moved"), (select(3, os.remove(name))), (io.open(name)))
