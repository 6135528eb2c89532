-- A simulation of customers at the counters of a bank, driven by a queue of events with callbacks.
-- quick: 500
local n = tonumber(arg and arg[1]) or 70000

local seed = 2024
local function random()
  seed = seed * 16807 % 2147483647
  return seed / 2147483647
end

-- ---- the queue: a pairing heap of { time, order, action } ----

local Queue = {}
Queue.__index = Queue

function Queue.new() return setmetatable({ root = nil, now = 0, scheduled = 0, size = 0 }, Queue) end

local function meld(a, b)
  if not a then return b end
  if not b then return a end
  if b.time < a.time or (b.time == a.time and b.order < a.order) then a, b = b, a end
  b.sibling = a.child
  a.child = b
  return a
end

function Queue:after(delay, action)
  self.scheduled = self.scheduled + 1
  self.size = self.size + 1
  self.root = meld(self.root, { time = self.now + delay, order = self.scheduled, action = action })
end

local function meldPairs(first)
  local paired
  while first do
    local second = first.sibling
    local rest = second and second.sibling
    first.sibling = nil
    if second then second.sibling = nil end
    local both = meld(first, second)
    both.sibling = paired
    paired, first = both, rest
  end
  local root
  while paired do
    local next = paired.sibling
    paired.sibling = nil
    root = meld(root, paired)
    paired = next
  end
  return root
end

function Queue:run()
  local events = 0
  while self.root do
    local event = self.root
    self.root = meldPairs(event.child)
    self.size = self.size - 1
    if event.time < self.now then error("an event lies in the past") end
    self.now = event.time
    event.action()
    events = events + 1
  end
  return events
end

-- ---- the bank ----

local function simulate(customers, counters)
  local queue = Queue.new()
  local free, waiting, first, last = counters, {}, 1, 0
  local served, totalWait, arrived = 0, 0, 0
  local serve

  local function leave()
    served = served + 1
    free = free + 1
    if first <= last then
      local customer = waiting[first]
      waiting[first] = nil
      first = first + 1
      serve(customer)
    end
  end

  function serve(customer)
    free = free - 1
    totalWait = totalWait + queue.now - customer.arrival
    queue:after(customer.work, leave)
  end

  local function arrive()
    arrived = arrived + 1
    local customer = { arrival = queue.now, work = 1 + random() * 4 }
    if free > 0 then
      serve(customer)
    else
      last = last + 1
      waiting[last] = customer
    end
    if arrived < customers then queue:after(random() * 2, arrive) end
  end

  -- Something else that keeps the queue well filled: reminders that are far in the future.
  local rung = 0
  for _ = 1, 200 do
    queue:after(random() * customers, function() rung = rung + 1 end)
  end
  queue:after(0, arrive)
  local events = queue:run()
  if served ~= customers or free ~= counters or rung ~= 200 then error("customers are lost: " .. served) end
  if events ~= 2 * customers + 200 then error("wrong number of events: " .. events) end
  return totalWait / customers
end

local wait = simulate(n, 4)
local shorter = simulate(n, 6)
if not (wait > shorter and shorter >= 0) then error("more counters should mean less waiting") end
print(string.format("%.4f %.4f", wait, shorter))
