#!/usr/bin/env bash
# Tests of the `selvage` command: options, streams, exit statuses, messages.
#
#     tests/cli/run.sh path/to/selvage
#
# Each check runs the command and compares its standard output, its standard error or its exit status with what is
# expected; the name of a failed check and the difference are printed, and the script's status says whether all passed.
source "$(dirname "$0")/../checks.sh" "$1"
# Messages begin with the name that the command was called by.
absolute=$selvage
PATH=$build:$PATH
selvage=$(basename "$selvage")
cd "$work" || exit 1

# ---- running code ----
equal 'execute' '3' "$("$selvage" -e 'print(1 + 2)')"
equal 'several statements in order' '1 2' "$("$selvage" -e 'x = 1' -e 'print(x .. " " .. x + 1)')"
equal 'argument joined to its option' '5' "$("$selvage" -e'print(5)')"
echo 'print("script", ...)' >script.lua
equal 'script with arguments' 'script	a	-b' "$("$selvage" script.lua a -b)"
equal 'after --' 'script	-x' "$("$selvage" -- script.lua -x)"
equal 'standard input by -' '7	one' "$(echo 'print(7, ...)' | "$selvage" - one)"
equal 'standard input without arguments' '8' "$(echo 'print(8)' | "$selvage")"
equal 'output without a newline' 'ab' "$("$selvage" -e 'io.write("a", "b")')"
for mode in off on always; do
  equal "jit=$mode" '5050' "$("$selvage" --jit=$mode -e 'local s = 0 for i = 1, 100 do s = s + i end print(s)')"
done

# ---- binary chunks ----
mkdir -p compiled.d
printf 'local function f() error("deep") end\nprint(...)\nprint(pcall(f))\n' >compiled.d/program.lua
status 'compile' 0 "$selvage" -c compiled.d/program.lua
equal 'compiled script' 'a	b
false	compiled.d/program.lua:1: deep' "$("$selvage" compiled.d/program.luac a b)"
status 'compile to a file, stripped' 0 "$selvage" -s -c compiled.d/program.lua -o stripped
equal 'stripped script' 'a
false	deep' "$("$selvage" stripped a)"
status 'compiling what does not exist' 1 "$selvage" -c none.lua
contains 'compiling to where nothing can be written' 'cannot write none.d/x: ' \
  "$("$selvage" -c compiled.d/program.lua -o none.d/x 2>&1)"
contains 'compiling an error' 'near <eof>' "$(printf 'x =' >bad.lua; "$selvage" -c bad.lua 2>&1)"
contains 'a damaged chunk' 'truncated chunk' "$(head -c 60 stripped >damaged; "$selvage" damaged 2>&1)"
contains '-c without a script' "'-c' needs argument" "$("$selvage" -c 2>&1)"

# ---- the table arg ----
echo 'print(arg[0], arg[1], arg[2], #arg, arg[-1], arg[-2], arg[-3] ~= nil)' >arguments.lua
equal 'arg' 'arguments.lua	x	y	2	x=1	-e	true' "$("$selvage" -e x=1 arguments.lua x y)"
equal 'arg without a script' 'true	nil' "$("$selvage" -e 'print(arg[0] ~= nil, arg[3])')"
printf 'arg = 1' >init.lua
contains 'arg is no table' "'arg' is not a table" "$(LUA_INIT=@init.lua "$selvage" script.lua 2>&1)"

# ---- sources ----
printf '\357\273\277#!/usr/bin/selvage\nprint(debug.getinfo(1, "l").currentline)' >marked.lua
equal 'byte order mark and first line' '2' "$("$selvage" marked.lua)"
printf '#!/usr/bin/selvage' >only_comment.lua
status 'only a first line' 0 "$selvage" only_comment.lua
equal 'missing file' 'selvage: cannot open missing.lua: No such file or directory' "$("$selvage" missing.lua 2>&1)"
status 'missing file' 1 "$selvage" missing.lua
mkdir folder
equal 'directory' 'selvage: cannot read folder: Is a directory' "$("$selvage" folder 2>&1)"
printf '\177ELF\001\002\000binary' >binary.lua
contains 'binary file' "selvage: binary.lua:1: unexpected symbol near '<\\127>'" "$("$selvage" binary.lua 2>&1)"
printf '\033Lua\124\000' >precompiled.lua
contains 'precompiled chunk' 'bad binary format' "$("$selvage" precompiled.lua 2>&1)"
printf 'local function f()\n  return 1\n' >cut_off.lua
equal 'cut-off script' "selvage: cut_off.lua:2: 'end' expected (to close 'function' at line 1) near <eof>" \
  "$("$selvage" cut_off.lua 2>&1 | sed 's/cut_off.lua:[23]/cut_off.lua:2/')"
status 'syntax error' 1 "$selvage" cut_off.lua

# ---- errors ----
cat >error.lua <<'END'
local function inner() error("deep") end
function outer() inner() end
outer()
END
equal 'traceback' "selvage: error.lua:1: deep
stack traceback:
	[C]: in function 'error'
	error.lua:1: in upvalue 'inner'
	error.lua:2: in function 'outer'
	error.lua:3: in main chunk
	[C]: in ?" "$("$selvage" error.lua 2>&1)"
status 'error' 1 "$selvage" error.lua
equal 'error goes to standard error' '' "$("$selvage" error.lua 2>/dev/null)"
equal 'output before the error' 'before' "$("$selvage" -e 'print("before") error("x")' 2>/dev/null)"
equal 'order of output and error' 'before
selvage: after' "$("$selvage" -e 'print("before") error(setmetatable({}, {__tostring = function() return "after" end}))' 2>&1)"
equal 'only print and the end of the program empty the buffer of standard output' 'child
written printed
error
Lua warning: warned
kept' "$("$selvage" -W -e 'io.write("written ") os.execute("echo child") print("printed")
  io.write("kept") io.stderr:write("error\n") warn("warned")' 2>&1)"
# Levels count from __tostring: the message handler, error, the main chunk.
equal 'levels below __tostring of an error' 'selvage: 3' "$(printf '%s\n' 'local object = setmetatable({}, {__tostring =' \
  'function() return tostring(debug.getinfo(4, "l").currentline) .. "" end})' 'error(object)' | "$selvage" - 2>&1)"
equal 'the version comes before what -e does' 'selvage: no handler' \
  "$("$selvage" -v -e 'setmetatable({}, { __gc = function() error("unseen") end }) collectgarbage() error("no handler", 0)' 2>&1 |
    sed -n 2p)"
contains 'error object without text' 'selvage: (error object is a table value)' "$("$selvage" -e 'error({})' 2>&1)"
contains 'nil as error object' 'selvage: (error object is a nil value)' "$("$selvage" -e 'error()' 2>&1)"
contains 'error in -e' 'selvage: (command line):1: x' "$("$selvage" -e 'error("x")' 2>&1)"
equal 'nothing runs after an error' '' "$("$selvage" -e 'error("x")' script.lua 2>/dev/null)"
contains 'error in standard input' 'selvage: stdin:1: x' "$(echo 'error("x")' | "$selvage" - 2>&1)"
contains 'stack overflow' 'stack overflow' "$("$selvage" -e 'local function f() return 1 + f() end f()' 2>&1)"

# ---- exit ----
status 'os.exit' 0 "$selvage" -e 'os.exit()'
status 'os.exit(false)' 1 "$selvage" -e 'os.exit(false)'
status 'os.exit(7)' 7 "$selvage" -e 'os.exit(7)'
status 'os.exit(true, true)' 0 "$selvage" -e 'os.exit(true, true)'
equal 'buffers are written at exit' 'kept' "$("$selvage" -e 'io.write("kept") os.exit(3)')"
equal 'finalizers run at the end' 'finalized' \
  "$("$selvage" -e 'setmetatable({}, {__gc = function() print("finalized") end})')"
equal 'finalizers run when os.exit closes the state' 'finalized' \
  "$("$selvage" -e 'x = setmetatable({}, {__gc = function() print("finalized") end}) os.exit(0, true)')"

# ---- libraries ----
echo 'return { name = ... }' >module.lua
equal 'library' 'module' "$("$selvage" -l module -e 'print(module.name)')"
equal 'version of a library' 'module-v2' "$(cp module.lua module-v2.lua; "$selvage" -l module-v2 -e 'print(module.name)')"
equal 'library under another name' 'module' "$("$selvage" -l m=module -e 'print(m.name, module)' | cut -f 1)"
contains 'missing library' "selvage: module 'nope' not found:" "$("$selvage" -l nope 2>&1)"
mkdir -p elsewhere
echo 'return "found"' >elsewhere/far.lua
equal 'LUA_PATH' 'found' "$(LUA_PATH='./elsewhere/?.lua;;' "$selvage" -e 'print((require "far"))')"
contains 'LUA_PATH is ignored with -E' "module 'far' not found" \
  "$(LUA_PATH='./elsewhere/?.lua;;' "$selvage" -E -e 'require "far"' 2>&1)"

# ---- LUA_INIT ----
equal 'LUA_INIT' 'init' "$(LUA_INIT='print "init"' "$selvage" -e '')"
echo 'print "from a file"' >init.lua
equal 'LUA_INIT with a file' 'from a file' "$(LUA_INIT=@init.lua "$selvage" -e '')"
echo 'print("arguments", ...)' >init_arguments.lua
equal 'LUA_INIT with a file gives it no arguments' 'arguments' "$(LUA_INIT=@init_arguments.lua "$selvage" -e '' a 2>/dev/null)"
equal 'LUA_INIT_5_4 comes first' 'newer' "$(LUA_INIT='print "older"' LUA_INIT_5_4='print "newer"' "$selvage" -e '')"
equal 'LUA_INIT is ignored with -E' '' "$(LUA_INIT='print "init"' "$selvage" -E -e '')"
contains 'error in LUA_INIT' 'selvage: LUA_INIT:1: x' "$(LUA_INIT='error "x"' "$selvage" -e '' 2>&1)"

# ---- warnings ----
equal 'warnings are off' '' "$("$selvage" -e 'warn("a", "b")' 2>&1)"
equal 'warnings are on with -W' 'Lua warning: ab' "$("$selvage" -W -e 'warn("a", "b")' 2>&1)"

equal 'warnings turned on and off' 'Lua warning: a@off
Lua warning: on again
Lua warning: error in __gc (attempt to call a number value (metamethod '"'__gc'"'))' "$("$selvage" -W -e 'warn("a", "@off") warn("@off")
  warn("hidden") warn("hidden", "@on") warn("on again") setmetatable({}, { __gc = 5 }) collectgarbage()' 2>&1)"

# ---- options ----
equal 'the version line begins as the reference has it' 'Lua 5.4.8  Copyright (C) 1994-2025 Lua.org, PUC-Rio  Selvage' \
  "$("$selvage" -v | sed 's/ [0-9.]* runs the Lua of PUC-Rio$//')"
for options in -v --version '-v -v' -i '-i -v' '-e x=1 -v' '-v -e x=1'; do
  equal "one version line with $options" '1' "$("$selvage" $options </dev/null | grep -c '^Lua 5.4.8  Copyright')"
done
contains 'end of the version line' 'PUC-Rio
code' "$("$selvage" -v -e 'print("code")')"
contains 'long version' 'Selvage' "$("$selvage" --version)"
contains 'help' 'usage: selvage' "$("$selvage" --help)"
status 'help' 0 "$selvage" --help
for option in -x --nothing -vv -Ex --jit=maybe --; do
  [ "$option" = -- ] && continue
  contains "bad option $option" "selvage: unrecognized option '$option'
usage: selvage" "$("$selvage" $option 2>&1)"
  status "bad option $option" 1 "$selvage" $option
done
for option in -e -l --dump-bytecode --dump-jit; do
  contains "$option without its argument" "selvage: '$option' needs argument
usage: selvage" "$("$selvage" $option 2>&1)"
done
ln -s "$absolute" alias
equal 'name of the command in messages' './alias: (command line):1: x' "$(./alias -e 'error("x")' 2>&1 | head -n 1)"
contains 'name of the command in the usage' 'usage: ./alias [' "$(./alias --help)"
contains 'option instead of an argument' "selvage: '-e' needs argument" "$("$selvage" -e -v 2>&1)"

# ---- closing the state ----
cat >closing.lua <<'END'
setmetatable({}, { __gc = function() print "last" end })
setmetatable({}, { __gc = function() print "first" os.exit(3, true) end })
END
equal 'a finalizer that exits' 'first
last
3' "$("$selvage" closing.lua; echo $?)"
equal 'one that exits before the end' 'first
last
3' "$("$selvage" -e 'dofile "closing.lua" for i = 1, 1e7 do local t = {} end' 2>&1; echo $?)"

# ---- debug.debug ----
equal 'commands of debug.debug' 'lua_debug> 1
lua_debug> (debug command):1: oh
lua_debug> (debug command):1: unexpected symbol near <eof>
lua_debug> back' "$(printf 'io.stderr:write(x, "\\n")\nerror("oh")\ny =\ncont\nerror("never")\n' |
  "$selvage" -e 'x = 1 debug.debug() io.stderr:write("back")' 2>&1)"
equal 'debug.debug at the end of input' 'lua_debug> ' "$("$selvage" -e 'debug.debug()' 2>&1 </dev/null)"

# ---- listings ----
echo 'local t = {} for i = 1, 10 do t[i] = i * 2 end return t' >listed.lua
contains 'bytecode' 'listed.lua' "$("$selvage" --dump-bytecode listed.lua)"
contains 'machine code' 'listed.lua' "$("$selvage" --dump-jit listed.lua)"
status 'bytecode of a missing file' 1 "$selvage" --dump-bytecode missing.lua
contains 'stencils' 'hot' "$("$selvage" --list-stencils)"
equal 'stencils of an opcode as listings of bytecode name it' "$("$selvage" --list-stencils NewTable)" \
  "$("$selvage" --list-stencils NEW_TABLE)"
"$selvage" -o listed.luac -c listed.lua
contains 'bytecode of a binary chunk' 'NEW_TABLE' "$("$selvage" --dump-bytecode listed.luac)"
contains 'machine code of a binary chunk' 'NEW_TABLE' "$("$selvage" --dump-jit listed.luac)"
if [ -e /dev/full ]; then
  equal 'a listing that cannot be written' 'selvage: cannot write the listing' "$("$selvage" --list-stencils 2>&1 >/dev/full)"
fi
contains 'unknown stencil' "no opcode is called 'Nothing'" "$("$selvage" --list-stencils Nothing 2>&1)"

# ---- when the system gives no more memory ----
# limited MODE CODE: what the code prints with 400 MB of address space
limited() { (ulimit -v 400000; "$selvage" --jit="$1" -e "$2" 2>&1); }
# A sanitizer build does not even start there.
if [ "$(limited on 'io.write "started"' 2>/dev/null)" = started ]; then
  for mode in off on always; do
    contains "tables without memory, $mode" 'false	not enough memory
alive' "$(limited $mode 'local t = {} print(pcall(function() while true do t[#t + 1] = {} end end)) t = nil print "alive"')"
    contains "buffers without memory, $mode" 'false	not enough memory
alive' "$(limited $mode 'local s = ("x"):rep(10000000)
      print(pcall(table.concat, setmetatable({}, {__index = function() return s end, __len = function() return 1000 end})))
      print "alive"')"
    contains "source text without memory, $mode" 'not enough memory
alive' "$(limited $mode 'print(select(-1, pcall(load, ("a=1 "):rep(20000000)))) print "alive"')"
  done
fi

# ---- limits ----
endless='while true do pcall(function() while true do end end) end'
hoard='local t = {} while true do t[#t + 1] = {} end'
for mode in off on always; do
  equal "time limit, $mode" "$selvage: (command line):1: time limit exceeded" \
    "$("$selvage" --jit=$mode --time-limit=0.05 -e "$endless" 2>&1 | grep -v '^\(stack\|	\)')"
  status "time limit, $mode" 1 "$selvage" --jit=$mode --time-limit=0.05 -e "$endless"
  equal "within the time limit, $mode" '7' "$("$selvage" --jit=$mode --time-limit=60 -e 'print(7)')"
  contains "memory limit, $mode" 'not enough memory' "$("$selvage" --jit=$mode --memory-limit=8M -e "$hoard" 2>&1)"
  status "memory limit, $mode" 1 "$selvage" --jit=$mode --memory-limit=8M -e "$hoard"
  equal "a script at its memory limit goes on, $mode" 'false	not enough memory
true' "$("$selvage" --jit=$mode --memory-limit=8192K -e 'print(pcall(string.rep, "x", 1 << 25))' \
    -e 'print(collectgarbage("count") < 8192)')"
done
equal 'less memory than the libraries take' "$selvage: not enough memory" "$("$selvage" --memory-limit=1 -e 'print(1)' 2>&1)"
status 'less memory than the libraries take' 1 "$selvage" --memory-limit=1 -e 'print(1)'
for size in '' x 0 -3 12T 1MB 99999999999999G; do
  contains "memory limit '$size'" "'--memory-limit=$size' needs a size such as 500K, 64M or 2G" \
    "$("$selvage" --memory-limit=$size -e 'print(1)' 2>&1)"
done
for time in '' abc 0 -1 1s nan; do
  contains "time limit '$time'" "'--time-limit=$time' needs a number of seconds" \
    "$("$selvage" --time-limit=$time -e 'print(1)' 2>&1)"
done
for count in '' abc 0 -1 1.5 5x; do
  contains "instruction limit '$count'" "'--instruction-limit=$count' needs a positive whole number" \
    "$("$selvage" --instruction-limit=$count -e 'print(1)' 2>&1)"
done
counting='turns = 0 pcall(function() while true do turns = turns + 1 end end)'
reached() { "$selvage" --jit=$1 --instruction-limit=10000 -e "$counting" 2>&1; }
for mode in off on always; do
  contains "instruction limit, $mode" 'instruction limit exceeded' "$(reached $mode)"
  equal "within the instruction limit, $mode" '7' "$("$selvage" --jit=$mode --instruction-limit=10000 -e 'print(7)')"
done
contains 'limits in the help' '--time-limit=SECONDS' "$("$selvage" --help)"

# ---- where the system restricts executable memory ----
cat >confined.lua <<'END'
local function mean(values)
  local sum = 0
  for i = 1, #values do sum = sum + values[i] end
  return sum / #values
end
local values = {}
for i = 1, 2000 do values[i] = i % 2 == 0 and i or i + 0.5 end
local result
for _ = 1, 200 do result = mean(values) end
print(result, pcall(string.rep, "x", -1))
local status = require "selvage".jit.status()
print(status.functions > 0 and status.codeBytes > 0, status.memory)
if status.functions == 0 then print("enabled", status.enabled, status.mode) end
END
# confined MODE OPTION...: what the program prints in that mode under those restrictions
confined() {
  mode=$1
  shift
  "$here/confine.py" "$@" "$selvage" --jit="$mode" confined.lua 2>&1
}
"$here/confine.py" --no-memory-files --no-new-code true
if [ $? -ne 77 ]; then
  for mode in on always; do
    equal "no memory that may become executable, $mode" '1000.75	true	
true	code is mapped twice, to write and to run' "$(confined $mode --no-new-code)"
    equal "no memory files, $mode" '1000.75	true	
true	code pages are flipped between writable and executable (no memory file: Operation not permitted)' \
      "$(confined $mode --no-memory-files)"
    equal "no executable memory, $mode" '1000.75	true	
false	no executable memory: no memory file: Operation not permitted; pages cannot be made executable: Permission denied
enabled	false	'"$mode" \
      "$(confined $mode --no-memory-files --no-new-code)"
    contains "files limited in size, $mode" 'true	code pages are flipped' "$(ulimit -f 100; "$selvage" --jit=$mode confined.lua 2>&1)"
  done
fi

# ---- what a short script does not pay for ----
cat >maps.lua <<'END'
local function has(name)
  for line in io.lines("/proc/self/maps") do
    if line:find(name, 1, true) then return true end
  end
  return false
end
print(has("selvage-code"), has("libZydis"))
for i = 1, 1000 do string.rep("x", i) end
print(require "selvage".jit.status().functions > 0)
END
equal 'nothing is set up or loaded before it is needed' 'false	false
true' "$("$selvage" maps.lua)"

# ---- the prompt ----
equal 'expressions are printed' '> 1 + 2, "x"
3	x
> ' "$(echo '1 + 2, "x"' | "$selvage" -i | tail -n +2)"
equal 'statements over several lines' '> if true then
>> print(1)
>> end
1
> ' "$(printf 'if true then\nprint(1)\nend\n' | "$selvage" -i | tail -n +2)"
equal 'equals sign' '> =4
4
> ' "$(echo '=4' | "$selvage" -i | tail -n +2)"
equal 'no results' '> x = 5
> x
5
> ' "$(printf 'x = 5\nx\n' | "$selvage" -i | tail -n +2)"
contains 'error at the prompt' 'stdin:1: x
stack traceback:' "$(echo 'error("x")' | "$selvage" -i 2>&1)"
equal 'a last line without its end' '> 1
1
> ' "$(printf '1' | "$selvage" -i | tail -n +2)"
contains 'going on after an error' '6' "$(printf 'error("x")\n2 * 3\n' | "$selvage" -i 2>/dev/null)"
contains 'syntax error at the prompt' "stdin:1: unexpected symbol near ')'" "$(echo 'x = )' | "$selvage" -i 2>&1)"
equal 'own prompt' '$ 1
1
$ ' "$(printf '1\n' | "$selvage" -e '_PROMPT = "$ "' -i | tail -n +2)"
contains 'after a script' 'script' "$(echo | "$selvage" -i script.lua)"

# ---- locales ----
if ! localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 >/dev/null 2>&1; then
  fails 'a German locale can be made' "localedef, of Debian's libc-bin and locales, cannot"
fi
cat >locale.lua <<'END'
print(os.setlocale("de_DE.UTF-8"))
local words = { "zebra", "Ast", "ast", "Zebra", "äther", "bild" }
table.sort(words)
print(table.concat(words, " "), "B" < "a", "a" <= "B", "ä" < "b")
print(1.5, 3.0, 2^70, 0.25 .. "", ("%.2f %g %a %q"):format(0.5, 1.5, 1.5, 0.5))
print(tonumber("1,5"), tonumber("1.5"), "2,5" + 1, tonumber("0x1,8"), tonumber("1,5,5"), tonumber("1.5e999"), load("return 1.5")())
io.write(1.5, "\n")
local file = io.tmpfile()
file:write("1,5 2,5")
file:seek("set")
print(file:read("n", "n"))
print(os.setlocale("C"), 1.5, tonumber("1,5"), "B" < "a")
END
for mode in off on always; do
  equal "numerals and the order of strings in a locale, --jit=$mode" 'de_DE.UTF-8
ast Ast äther bild zebra Zebra	false	true	true
1,5	3,0	1,1805916207174e+21	0,25	0,50 1,5 0x1,8p+0 0x1p-1
1,5	1,5	3,5	1,5	nil	inf	1,5
1,5
1,5	2,5
C	1.5	nil	true' "$(LOCPATH=. "$selvage" --jit=$mode locale.lua 2>&1)"
done

# ---- interrupts ----
# interrupted NAME SCRIPT: the script prints "ready" and then goes on for ever, until the signal comes.
interrupted() {
  rm -f ready interrupted  # of the one before, which would be taken for this one's
  "$selvage" --memory-limit=1G -e "print('ready') $2" >ready 2>interrupted &
  process=$!
  for _ in 1 2 3 4 5 6 7 8 9; do grep -q ready ready 2>/dev/null || sleep 0.5; done
  equal "$1: a printed line is seen at once" 'ready' "$(cat ready)"
  kill -INT "$process" 2>/dev/null
  # Whatever does not notice is not to hold up the tests.
  { sleep 20; kill -KILL "$process"; } 2>/dev/null &
  guard=$!
  wait "$process"
  equal "$1: status after an interrupt" 1 "$?"
  kill "$guard" 2>/dev/null
  contains "$1: message" '(command line):1: interrupted!' "$(cat interrupted)"
  contains "$1: traceback" 'stack traceback:' "$(cat interrupted)"
}

interrupted 'interrupt of a loop' 'while true do end'
# One call of a library function that would take hours.
interrupted 'interrupt of a match' "string.find(string.rep('a', 60000), string.rep('a-', 30) .. 'b')"
interrupted 'interrupt of table.move' 'table.move({1}, 1, 1 << 50, 2)'
interrupted 'interrupt of table.concat' "table.concat(setmetatable({}, {__index = rawlen}), '', 1, 1 << 50)"
# One that would end soon enough, but is stopped before it has touched all of the 2 GB that it makes.
cat >repetition.lua <<'END'
print(pcall(function()
  local signal = io.popen("sleep 0.05; kill -INT $PPID")
  return #string.rep("0123456789", 200000000)
end))
for line in io.lines("/proc/self/status") do
  local peak = line:match("^VmHWM:%s*(%d+) kB")
  if peak then print(tonumber(peak) < 1000000 and "stopped at once" or peak) end
end
END
equal 'interrupt of string.rep' 'false	repetition.lua:3: interrupted!
stopped at once' "$("$selvage" repetition.lua)"

summarise
