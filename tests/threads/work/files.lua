-- Files of its own, pipes, the streams that all states share, and what the system says.
local name = os.tmpname()
local file <close> = assert(io.open(name, "w"))
assert(file:setvbuf("full", 256))
for i = 1, 300 do assert(file:write(i, " ", i * 0.25, " line\n")) end
assert(file:seek("cur") > 0 and file:flush() and file:close())
local sum, lines = 0, 0
for integer, float, rest in io.lines(name, "n", "n", "l") do
  sum, lines = sum + integer + float, lines + 1
  assert(rest == " line")
end
local again <close> = assert(io.open(name))
local text = again:read("a")
assert(again:seek("set", 0) == 0 and again:read("L") == "1 0.25 line\n")
assert(os.rename(name, name .. "x") and os.remove(name .. "x"))
local missing, message, code = io.open(name)
assert(not missing and message == name .. ": No such file or directory" and code == 2)
assert(not os.remove(name))
local pipe <close> = assert(io.popen("echo of a shell"))
assert(pipe:read("a") == "of a shell\n" and pipe:close())
assert(os.execute("exit 3") == nil and select(3, os.execute("exit 3")) == 3)
assert(io.type(io.stdout) == "file" and io.stdout:write("") and io.stdout:flush())
io.write("")
warn("@on")
warn("@off")
assert(os.getenv("PATH") and os.getenv("SELVAGE_NO_SUCH_VARIABLE") == nil)
assert(os.time() > 0 and os.clock() > 0 and os.setlocale() == "C" and os.setlocale(nil, "numeric") == "C")
assert(os.difftime(os.time(), os.time()) <= 0)
assert(not pcall(require, "no.such.module"))
assert(not loadfile(name) and not pcall(dofile, name))
return lines .. " " .. sum .. " " .. #text
