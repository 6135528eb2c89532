-- The entities: each has a body in the engine's world, a coroutine that thinks, and messages that wait for it.
-- The engine calls game.start once and game.update each frame.
local Vector = require "vector"
local behaviour = require "behaviour"

local game = {}

local Entity = {}
Entity.__index = Entity

local entities = {}  -- a list without gaps, in no particular but always the same order
local byId = {}
local messages = {}  -- receiver, name and argument of each, one after the other
local wanted = 0     -- how many entities there are to be
local now = 0
local died, born = 0, 0

-- ---- what behaviour can ask of an entity ----

-- Suspends the entity's script.
function Entity:wait(seconds) coroutine.yield(seconds) end

-- The nearest living entity of a kind, or nil.
function Entity:nearest(kind, radius)
  local id = world:nearest(self.body, kind, radius)
  return id and byId[id]
end

-- The vector that leads to another entity.
function Entity:towards(other) return Vector.new(world:offset(self.body, other.body)) end

-- A message arrives in the next frame, if the receiver is still alive.
function Entity:send(receiver, name, argument)
  local n = #messages
  messages[n + 1] = receiver
  messages[n + 2] = name
  messages[n + 3] = argument
end

function Entity:die()
  if not self.alive then return end
  self.alive = false
  died = died + 1
  byId[self.id] = nil
  world:remove(self.body)
end

local function spawn(kind, x, y, energy)
  local body = world:spawn(kind, x, y)
  local self = setmetatable({
    body = body, id = body.id, kind = kind, energy = energy, alive = true,
    wish = Vector.new(0, 0), wakeAt = now + math.random(),
  }, Entity)
  self.script = coroutine.create(function()
    -- One round after the other, always of the latest version of the behaviour.
    while true do behaviour.think[kind](self) end
  end)
  entities[#entities + 1] = self
  byId[self.id] = self
  return self
end

-- A child nearby, unless the world is full.
function Entity:breed(distance)
  if #entities - died >= wanted then return end
  born = born + 1
  behaviour.counts.born = behaviour.counts.born + 1
  local x, y = self.body:position()
  local away = Vector.ofAngle(6.28 * math.random()) * (distance * (0.5 + math.random()))
  spawn(self.kind, x + away.x, y + away.y, self.energy)
end

-- ---- a frame ----

local function deliver()
  local arrived = messages
  messages = {}
  for i = 1, #arrived, 3 do
    local receiver, name, argument = arrived[i], arrived[i + 1], arrived[i + 2]
    if receiver.alive then behaviour.on[name](receiver, argument) end
  end
end

local function think(self)
  local resumed, result = coroutine.resume(self.script)
  if not resumed then
    error(string.format("the script of entity %d failed: %s", self.id, debug.traceback(self.script, result)), 0)
  end
  self.wakeAt = now + result
  if self.energy <= 0 then self:die() end
end

-- The dead leave the list; the last take their places.
local function bury()
  if died == 0 then return end
  local i, n = 1, #entities
  while i <= n do
    if entities[i].alive then
      i = i + 1
    else
      entities[i] = entities[n]
      entities[n] = nil
      n = n - 1
    end
  end
  died = 0
end

local function randomKind()
  local chance = math.random()
  return chance < 0.7 and Kind.plant or chance < 0.95 and Kind.grazer or Kind.hunter
end

local function fill(most)
  for _ = 1, math.min(wanted - #entities, most) do
    spawn(randomKind(), world.size * math.random(), world.size * math.random(), 3 + 4 * math.random())
  end
end

function game.start(count, seed)
  math.randomseed(seed, 0)
  wanted = count
  fill(count)
end

function game.update(seconds)
  now = now + seconds
  deliver()
  local eachFrame = behaviour.eachFrame
  -- Those that are born meanwhile act from the next frame on.
  for i = 1, #entities do
    local self = entities[i]
    if self.alive then
      if self.wakeAt <= now then think(self) end
      local act = eachFrame[self.kind]
      if act and self.alive then act(self, seconds) end
    end
  end
  bury()
  -- Newcomers make up for a part of what is missing.
  fill(1 + wanted // 500)
end

function game.summary()
  local counts = behaviour.counts
  return string.format("%d plants eaten, %d grazers caught, %d born, %d calls to the pack", counts.eaten, counts.caught,
                       counts.born, counts.calls)
end

return game
