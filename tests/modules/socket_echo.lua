-- LuaSocket, a C module of Debian's: TCP and UDP on loopback, coroutines over select, MIME, filters, URLs.
local socket = require "socket"
local mime = require "mime"
local ltn12 = require "ltn12"
local url = require "socket.url"
print(socket._VERSION, type(socket.gettime()), socket.gettime() > 1e9)

-- ---- a TCP echo server and its clients, as coroutines of one program ----
local server = assert(socket.bind("127.0.0.1", 0))
server:settimeout(0)
local address, port = server:getsockname()
print(address, math.type(tonumber(port)), tostring(server):match "^[^:]+")

local waiting = { read = {}, write = {} }
local function await(direction, handle)
  waiting[direction][handle] = coroutine.running()
  coroutine.yield()
end
local running = 0
local function spawn(f, ...)
  running = running + 1
  local co = coroutine.create(function(...) f(...) running = running - 1 end)
  assert(coroutine.resume(co, ...))
end
local function send(handle, text)
  local at = 1
  while at <= #text do
    local last, problem, partial = handle:send(text, at)
    at = (last or partial) + 1
    if not last then
      assert(problem == "timeout", problem)
      await("write", handle)
    end
  end
end
local function receiveLine(handle)
  local line = ""
  while true do
    local text, problem, partial = handle:receive "*l"
    if text then return line .. text end
    line = line .. partial
    if problem == "closed" then return nil end
    await("read", handle)
  end
end

local served = 0
local function serve(handle)
  handle:settimeout(0)
  while true do
    local line = receiveLine(handle)
    if not line then break end
    served = served + 1
    send(handle, line:upper():reverse() .. "\n")
  end
  handle:close()
end
local clients = 8
spawn(function()
  for _ = 1, clients do
    local handle = server:accept()
    while not handle do
      await("read", server)
      handle = server:accept()
    end
    spawn(serve, handle)
  end
end)
local results = {}
for id = 1, clients do
  spawn(function()
    local handle = assert(socket.connect("127.0.0.1", port))
    handle:settimeout(0)
    handle:setoption("tcp-nodelay", true)
    local sum = 0
    for i = 1, 60 do
      local text = ("client %d message %d "):format(id, i):rep(i)
      send(handle, text .. "\n")
      local answer = receiveLine(handle)
      assert(answer == text:upper():reverse())
      sum = sum + #answer
    end
    results[id] = sum
    handle:close()
  end)
end
while running > 0 do
  local readers, writers = {}, {}
  for handle in pairs(waiting.read) do readers[#readers + 1] = handle end
  for handle in pairs(waiting.write) do writers[#writers + 1] = handle end
  local readable, writable, problem = socket.select(readers, writers, 10)
  assert(problem ~= "timeout", "nothing happens any more")
  local function wake(list, direction)
    for _, handle in ipairs(list) do
      local co = waiting[direction][handle]
      waiting[direction][handle] = nil
      assert(coroutine.resume(co))
    end
  end
  wake(readable, "read")
  wake(writable, "write")
end
print("served", served, table.concat(results, " "))
server:close()
print(pcall(server.accept, server))

-- ---- a large transfer, blocking ----
server = assert(socket.bind("127.0.0.1", 0))
port = select(2, server:getsockname())
local client = assert(socket.connect("127.0.0.1", port))
local peer = assert(server:accept())
client:settimeout(5)
peer:settimeout(5)
local sent = 0
for i = 1, 100 do
  local piece = string.char(32 + i % 90):rep(1000)
  sent = sent + assert(client:send(piece))
  local got = assert(peer:receive(1000))
  assert(got == piece)
end
client:shutdown "send"
print("sent", sent, peer:receive "*a", peer:receive(1))
print(select("#", client:getstats()), (select(2, client:getstats())))
client:close()
peer:close()
server:settimeout(0.01)
print(server:accept())
server:close()
print(select(2, socket.connect("127.0.0.1", 1)))
print((select(2, pcall(socket.connect)):gsub("'.*'", "")))
print(pcall(client.send, {}, "x"))

-- ---- UDP ----
local receiver = assert(socket.udp())
assert(receiver:setsockname("127.0.0.1", 0))
receiver:settimeout(5)
local sender = assert(socket.udp())
local udpAddress, udpPort = receiver:getsockname()
for i = 1, 50 do
  assert(sender:sendto(("datagram %d"):format(i), udpAddress, udpPort))
  local text, from = receiver:receivefrom()
  if i % 25 == 0 then print(text, from) end
end
receiver:settimeout(0)
print(receiver:receive())
receiver:close()
sender:close()

-- ---- protected functions and finalizers ----
local try = socket.newtry(function() print "finalizer" end)
local protected = socket.protect(function(fails)
  try(not fails, "the reason")
  return "no problem"
end)
print(protected(false))
print(protected(true))
local thrown = { "not an exception of try" }
print(select(2, pcall(socket.protect(function() error(thrown) end))) == thrown)
local failures = 0
local quiet = socket.protect(function(i) socket.try(i % 2 == 0, "odd") return i end)
for i = 1, 2000 do if not quiet(i) then failures = failures + 1 end end
print("failures", failures)
print(coroutine.wrap(function() return socket.protect(function() return coroutine.yield "yielded" end)() end)())
print(select("#", socket.skip(2, 1, 2, 3)), socket.skip(2, 1, 2, 3))

-- ---- MIME and filters ----
print(mime.b64 "any carnal pleasure", (mime.unb64 "YW55IGNhcm5hbCBwbGVhc3VyZQ=="))
print((mime.qp "caf\xe9 = 1\r\n"), (mime.unqp "caf=E9 =3D 1"))
print((mime.wrp(10, "abcdefghijklmnop")), (mime.eol(0, "a\nb\r\nc", "\r\n")):gsub("[\r\n]", { ["\r"] = "\\r", ["\n"] = "\\n" }))
local data = ("The quick brown fox. "):rep(500)
local encoded = {}
ltn12.pump.all(ltn12.source.string(data), ltn12.sink.chain(ltn12.filter.chain(mime.encode "base64", mime.wrap "base64"), (ltn12.sink.table(encoded))))
local text = table.concat(encoded)
local decoded = {}
ltn12.pump.all(ltn12.source.chain(ltn12.source.string(text), mime.decode "base64"), (ltn12.sink.table(decoded)))
print(#text, select(2, text:gsub("\r\n", "")), table.concat(decoded) == data)
for i = 1, 500 do assert(mime.unb64((mime.b64(("x"):rep(i)))) == ("x"):rep(i)) end

-- ---- URLs, names ----
local parsed = url.parse "http://user:pass@host.example:8080/path/to;params?query=1#fragment"
for _, name in ipairs { "scheme", "user", "password", "host", "port", "path", "params", "query", "fragment" } do io.write(parsed[name], " ") end
print()
print(url.absolute("http://a/b/c/d;p?q", "../g"), url.escape "a b&c/é", url.unescape "a%20b", url.build(parsed))
print(socket.dns.toip "127.0.0.1", type(socket.dns.gethostname()))
socket.sleep(0.001)
collectgarbage()
