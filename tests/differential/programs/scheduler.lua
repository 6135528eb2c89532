-- A cooperative scheduler with messages, sleeping, cancelling and failing tasks.
local queue, sleepers, now, log = {}, {}, 0, {}
local function write(...) log[#log + 1] = table.concat({ ("%3d"):format(now), ... }, " ") end
local Task = {}
Task.__index = Task
local function spawn(name, f, ...)
  local task = setmetatable({ name = name, co = coroutine.create(f), mail = {} }, Task)
  queue[#queue + 1] = { task, table.pack(task, ...) }
  return task
end
function Task:send(message)
  self.mail[#self.mail + 1] = message
  if self.waiting then
    self.waiting = false
    queue[#queue + 1] = { self, table.pack(table.remove(self.mail, 1)) }
  end
end
function Task:receive()
  if #self.mail > 0 then return table.remove(self.mail, 1) end
  self.waiting = true
  return coroutine.yield "wait"
end
local function sleep(time) return coroutine.yield("sleep", time) end
local function run()
  while true do
    while #queue > 0 do
      local entry = table.remove(queue, 1)
      local task, arguments = entry[1], entry[2]
      if coroutine.status(task.co) == "suspended" then
        local ok, what, value = coroutine.resume(task.co, table.unpack(arguments, 1, arguments.n))
        if not ok then write(task.name, "failed:", tostring(what))
        elseif coroutine.status(task.co) == "dead" then write(task.name, "returned", tostring(what))
        elseif what == "sleep" then sleepers[#sleepers + 1] = { now + value, task, #sleepers }
        elseif what == "pass" then queue[#queue + 1] = { task, table.pack() }
        end
      else
        write(task.name, "is", coroutine.status(task.co))
      end
    end
    if #sleepers == 0 then return end
    table.sort(sleepers, function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[2].name < b[2].name end)
    local first = table.remove(sleepers, 1)
    now = first[1]
    queue[1] = { first[2], table.pack(now) }
  end
end
local consumer = spawn("consumer", function(self)
  local total = 0
  while true do
    local message = self:receive()
    if message == "stop" then return total end
    write("consumer got", tostring(message))
    total = total + message
  end
end)
for i = 1, 3 do
  spawn("producer" .. i, function(self, n)
    local guard <close> = setmetatable({}, { __close = function(_, e) write(self.name, "closes", tostring(e)) end })
    for j = 1, n do
      sleep(i * 2)
      consumer:send(i * 10 + j)
    end
    return n
  end, 4 - i)
end
spawn("failing", function() sleep(3) local t = nil; return t.field end)
spawn("thrower", function() coroutine.yield "pass" error({ code = 5 }) end)
local victim = spawn("victim", function()
  local guard <close> = setmetatable({}, { __close = function() write "victim closed" end })
  sleep(1000)
end)
spawn("killer", function() sleep(7) write("killer", tostring(coroutine.close(victim.co))) return "done" end)
spawn("stopper", function() sleep(20) consumer:send "stop" end)
run()
for _, line in ipairs(log) do print((line:gsub("table: 0x%x+", "table"))) end
print(coroutine.status(consumer.co), coroutine.status(victim.co), #log)
