-- What each kind of entity does. The engine loads this file again when it changes, in the middle of the game.
--
-- think[kind](self) is one round of an AI script. It runs in the entity's coroutine: self:wait(seconds) suspends it.
-- on.name(self, ...) is called when a message arrives.
local reload = require "reload"
local Vector = require "vector"

local behaviour = {think = {}, on = {}, eachFrame = {}}

-- Kept when this file is loaded again.
local counts = reload.state("behaviour", function() return {eaten = 0, caught = 0, born = 0, calls = 0} end)
behaviour.counts = counts

local speeds = {[Kind.plant] = 0, [Kind.grazer] = 2.5, [Kind.hunter] = 3.4}

-- ---- plants ----

behaviour.think[Kind.plant] = function(self)
  self:wait(1 + 2 * math.random())
  self.energy = self.energy + 1
  if self.energy > 6 then
    self.energy = 2
    self:breed(4)
  end
end

-- ---- grazers ----

behaviour.think[Kind.grazer] = function(self)
  local hunter = self:nearest(Kind.hunter, 6)
  if hunter then
    -- Two quick turns away from it: a zigzag.
    local away = -self:towards(hunter)
    self.wish = (away + Vector.ofAngle(6.28 * math.random()) * 0.4):withLength(speeds[Kind.grazer])
    self:wait(0.25)
    self.wish = (away + Vector.ofAngle(6.28 * math.random()) * 0.4):withLength(speeds[Kind.grazer])
    self:wait(0.25)
    return
  end
  local plant = self:nearest(Kind.plant, 5)
  if plant then
    local way = self:towards(plant)
    if way:length() < 0.8 then
      self:send(plant, "eaten", self)
      self:wait(0.2)
    else
      self.wish = way:limited(speeds[Kind.grazer])
      self:wait(0.15)
    end
  else
    self.wish = Vector.ofAngle(6.28 * math.random()) * (speeds[Kind.grazer] / 2)
    self:wait(0.4)
  end
  self.energy = self.energy - 0.35
  if self.energy > 9 then
    self.energy = 4
    self:breed(1)
  end
end

-- ---- hunters ----

behaviour.think[Kind.hunter] = function(self)
  local prey = self:nearest(Kind.grazer, 9)
  if prey then
    local way = self:towards(prey)
    if way:length() < 1 then
      self:send(prey, "caught", self)
      self.wish = Vector.new(0, 0)
      self:wait(0.8)
    else
      self.wish = way:withLength(speeds[Kind.hunter])
      -- Others of the pack hear of it.
      local other = self:nearest(Kind.hunter, 6)
      if other and other.energy < 8 then
        counts.calls = counts.calls + 1
        self:send(other, "prey_seen", prey)
      end
      self:wait(0.2)
    end
  else
    self.wish = Vector.ofAngle(6.28 * math.random()) * (speeds[Kind.hunter] / 2)
    self:wait(0.6)
  end
  self.energy = self.energy - 0.3
  if self.energy > 12 then
    self.energy = 5
    self:breed(1)
  end
end

-- ---- messages ----

function behaviour.on.eaten(self, by)
  counts.eaten = counts.eaten + 1
  self:send(by, "fed", 1.5)
  self:die()
end

function behaviour.on.caught(self, by)
  counts.caught = counts.caught + 1
  self:send(by, "fed", 3)
  self:die()
end

function behaviour.on.fed(self, energy) self.energy = self.energy + energy end

function behaviour.on.prey_seen(self, prey)
  if prey.alive then self.wish = self:towards(prey):withLength(speeds[Kind.hunter]) end
end

-- ---- each frame ----

-- Turns the velocity a little towards what the entity wishes.
local function steer(self, seconds)
  local velocity = Vector.new(self.body:velocity())
  local change = (self.wish - velocity):limited(8 * seconds)
  velocity = velocity + change
  self.body:set_velocity(velocity.x, velocity.y)
end

behaviour.eachFrame[Kind.grazer] = steer
behaviour.eachFrame[Kind.hunter] = steer

return behaviour
