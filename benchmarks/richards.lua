-- A simulated operating system kernel after Martin Richards: tasks with priorities pass packets through queues.
-- Method calls that go to a different class each time, and linked lists.
-- quick: 1000
local n = tonumber(arg and arg[1]) or 120000

local idleTask, workTask, handlerA, handlerB, deviceA, deviceB = 1, 2, 3, 4, 5, 6
local devicePacket, workPacket = 0, 1
local packetSize = 4

-- ---- packets ----

local function newPacket(link, task, kind)
  local packet = { link = link, task = task, kind = kind, datum = 0, data = {} }
  for i = 1, packetSize do packet.data[i] = 0 end
  return packet
end

-- Puts the packet at the end of a queue and returns the queue's first packet.
local function append(packet, queue)
  packet.link = nil
  if not queue then return packet end
  local last = queue
  while last.link do last = last.link end
  last.link = packet
  return queue
end

-- ---- tasks ----

local Task = {}
Task.__index = Task

local function newTaskClass()
  local class = setmetatable({}, Task)
  class.__index = class
  return class
end

-- A task is held (it waits for a release), suspended (it waits for a packet), has a packet pending, or several of these.
function Task.initialise(class, kernel, identity, priority, queue, suspended)
  local task = setmetatable({
    kernel = kernel, identity = identity, priority = priority, queue = queue,
    held = false, suspended = suspended, pending = queue ~= nil, next = kernel.tasks,
  }, class)
  kernel.tasks = task
  kernel.byIdentity[identity] = task
  return task
end

function Task:isBlocked() return self.held or (self.suspended and not self.pending) end

-- Runs the task once with its first packet, if it was waiting for one, and returns which task comes next.
function Task:turn()
  local packet
  if self.suspended and self.pending then
    packet = self.queue
    self.queue = packet.link
    self.suspended = false
    self.pending = self.queue ~= nil
  end
  return self:run(packet)
end

-- Takes a packet for this task from the task `sender`; whichever is more urgent goes on.
function Task:accept(packet, sender)
  if not self.queue then
    self.queue = packet
    self.pending = true
    if self.priority > sender.priority then return self end
  else
    append(packet, self.queue)
  end
  return sender
end

-- ---- the kernel ----

local Kernel = {}
Kernel.__index = Kernel

local function newKernel()
  return setmetatable({ tasks = nil, byIdentity = {}, current = nil, packetsQueued = 0, timesHeld = 0 }, Kernel)
end

function Kernel:schedule()
  self.current = self.tasks
  while self.current do
    local task = self.current
    if task:isBlocked() then self.current = task.next else self.current = task:turn() end
  end
end

function Kernel:wait()
  self.current.suspended = true
  return self.current
end

function Kernel:hold()
  self.timesHeld = self.timesHeld + 1
  self.current.held = true
  return self.current.next
end

function Kernel:release(identity)
  local task = self.byIdentity[identity]
  task.held = false
  if task.priority > self.current.priority then return task end
  return self.current
end

function Kernel:send(packet)
  local receiver = self.byIdentity[packet.task]
  self.packetsQueued = self.packetsQueued + 1
  packet.link = nil
  packet.task = self.current.identity
  return receiver:accept(packet, self.current)
end

-- ---- the four kinds of tasks ----

-- Releases one device or the other, by the bits of a shift register.
local IdleTask = newTaskClass()

function IdleTask:run()
  self.turnsLeft = self.turnsLeft - 1
  if self.turnsLeft == 0 then return self.kernel:hold() end
  local register = self.register
  if register % 2 == 0 then
    self.register = register / 2
    return self.kernel:release(deviceA)
  end
  -- The register is shifted right and combined with 0xD008 by exclusive or.
  register = (register - 1) / 2
  local result, bit, mask = 0, 1, 0xD008
  while register > 0 or mask > 0 do
    if register % 2 ~= mask % 2 then result = result + bit end
    register, mask, bit = (register - register % 2) / 2, (mask - mask % 2) / 2, bit * 2
  end
  self.register = result
  return self.kernel:release(deviceB)
end

-- Fills packets with letters and sends them to the two handlers in turn.
local WorkTask = newTaskClass()

function WorkTask:run(packet)
  if not packet then return self.kernel:wait() end
  self.receiver = handlerA + handlerB - self.receiver
  packet.task = self.receiver
  packet.datum = 0
  local data, letter = packet.data, self.letter
  for i = 1, packetSize do
    letter = letter % 26 + 1
    data[i] = 64 + letter
  end
  self.letter = letter
  return self.kernel:send(packet)
end

-- Copies what is in work packets, piece by piece, to device packets.
local HandlerTask = newTaskClass()

function HandlerTask:run(packet)
  if packet then
    if packet.kind == workPacket then
      self.workQueue = append(packet, self.workQueue)
    else
      self.deviceQueue = append(packet, self.deviceQueue)
    end
  end
  local work = self.workQueue
  if work then
    local position = work.datum
    if position >= packetSize then
      self.workQueue = work.link
      return self.kernel:send(work)
    end
    local device = self.deviceQueue
    if device then
      self.deviceQueue = device.link
      device.datum = work.data[position + 1]
      work.datum = position + 1
      return self.kernel:send(device)
    end
  end
  return self.kernel:wait()
end

-- Holds itself for a while after each packet, then sends it back.
local DeviceTask = newTaskClass()

function DeviceTask:run(packet)
  if packet then
    self.packet = packet
    return self.kernel:hold()
  end
  packet = self.packet
  if not packet then return self.kernel:wait() end
  self.packet = nil
  return self.kernel:send(packet)
end

-- ---- the run ----

local function simulate(turns)
  local kernel = newKernel()
  local idle = Task.initialise(IdleTask, kernel, idleTask, 0, nil, false)
  idle.turnsLeft, idle.register = turns, 1

  local queue = newPacket(newPacket(nil, workTask, workPacket), workTask, workPacket)
  local worker = Task.initialise(WorkTask, kernel, workTask, 1000, queue, true)
  worker.receiver, worker.letter = handlerA, 0

  for _, pair in ipairs({ { handlerA, deviceA, 2000 }, { handlerB, deviceB, 3000 } }) do
    queue = nil
    for _ = 1, 3 do queue = newPacket(queue, pair[2], devicePacket) end
    Task.initialise(HandlerTask, kernel, pair[1], pair[3], queue, true)
  end
  Task.initialise(DeviceTask, kernel, deviceA, 4000, nil, true)
  Task.initialise(DeviceTask, kernel, deviceB, 5000, nil, true)

  kernel:schedule()
  return kernel.packetsQueued, kernel.timesHeld
end

local packetsQueued, timesHeld = simulate(n)
local known = { [1000] = { 2322, 928 }, [10000] = { 23246, 9297 } }
local function check(turns, queued, held)
  local expected = known[turns]
  if expected and (queued ~= expected[1] or held ~= expected[2]) then
    error("wrong result for " .. turns .. " turns: " .. queued .. " " .. held)
  end
end
check(n, packetsQueued, timesHeld)
check(10000, simulate(10000))
print(packetsQueued, timesHeld)
