-- Incremental constraint solving after the DeltaBlue algorithm: one-way dataflow constraints with strengths.
-- Small objects, dynamic dispatch over a class hierarchy, lists that grow and shrink.
-- quick: 60
local n = tonumber(arg and arg[1]) or 10000

-- ---- strengths: the smaller, the stronger ----

local required, strongPreferred, preferred, strongDefault, normal, weakDefault, weakest = 1, 2, 3, 4, 5, 6, 7

-- ---- classes ----

local function newClass(base)
  local class = {}
  class.__index = class
  return setmetatable(class, base)
end

-- ---- variables ----

-- A variable knows who constrains it, who determines it now (if anybody), and how strong that one is.
local function newVariable(name, value)
  return {
    name = name, value = value, constraints = {}, determinedBy = nil, mark = 0, walkStrength = weakest, stays = true,
  }
end

local function removeFrom(list, item)
  for i = 1, #list do
    if list[i] == item then
      table.remove(list, i)
      return
    end
  end
end

-- ---- the planner ----

local Planner = newClass(nil)

local function newPlanner() return setmetatable({ currentMark = 0 }, Planner) end

function Planner:newMark()
  self.currentMark = self.currentMark + 1
  return self.currentMark
end

-- Satisfies the constraint if it can be, and then whatever that displaced, and what this displaced, and so on.
function Planner:add(constraint)
  local mark = self:newMark()
  local displaced = constraint:satisfy(mark, self)
  while displaced do displaced = displaced:satisfy(mark, self) end
end

-- Retracts the constraint and gives those downstream that were not satisfied a chance, the strongest first.
function Planner:retract(constraint)
  local output = constraint:output()
  constraint:markUnsatisfied()
  constraint:removeFromGraph()
  local unsatisfied = self:removePropagatingFrom(output)
  for strength = required, weakest do
    for _, candidate in ipairs(unsatisfied) do
      if candidate.strength == strength then self:add(candidate) end
    end
  end
end

function Planner:removePropagatingFrom(output)
  output.determinedBy, output.walkStrength, output.stays = nil, weakest, true
  local unsatisfied, todo = {}, { output }
  while #todo > 0 do
    local variable = table.remove(todo)
    for _, constraint in ipairs(variable.constraints) do
      if not constraint:isSatisfied() then unsatisfied[#unsatisfied + 1] = constraint end
    end
    local determining = variable.determinedBy
    for _, constraint in ipairs(variable.constraints) do
      if constraint ~= determining and constraint:isSatisfied() then
        constraint:recalculate()
        todo[#todo + 1] = constraint:output()
      end
    end
  end
  return unsatisfied
end

-- Recomputes what lies downstream of a constraint. False if the constraint turns out to feed itself.
function Planner:propagate(constraint, mark)
  local todo = { constraint }
  while #todo > 0 do
    local current = table.remove(todo)
    local output = current:output()
    if output.mark == mark then
      constraint:incrementalRemove(self)
      return false
    end
    current:recalculate()
    self:addConsumersTo(output, todo)
  end
  return true
end

function Planner:addConsumersTo(variable, list)
  local determining = variable.determinedBy
  for _, constraint in ipairs(variable.constraints) do
    if constraint ~= determining and constraint:isSatisfied() then list[#list + 1] = constraint end
  end
end

-- The constraints to execute, in an order in which inputs come before what uses them.
function Planner:makePlan(sources)
  local mark = self:newMark()
  local plan, todo = {}, sources
  while #todo > 0 do
    local constraint = table.remove(todo)
    local output = constraint:output()
    if output.mark ~= mark and constraint:inputsKnown(mark) then
      plan[#plan + 1] = constraint
      output.mark = mark
      self:addConsumersTo(output, todo)
    end
  end
  return plan
end

function Planner:planFromConstraints(constraints)
  local sources = {}
  for _, constraint in ipairs(constraints) do
    if constraint:isInput() and constraint:isSatisfied() then sources[#sources + 1] = constraint end
  end
  return self:makePlan(sources)
end

-- ---- constraints in general ----

local Constraint = newClass(nil)

function Constraint:isInput() return false end

function Constraint:enter(planner)
  self:addToGraph()
  planner:add(self)
end

function Constraint:incrementalRemove(planner)
  if self:isSatisfied() then planner:retract(self) else self:removeFromGraph() end
end

-- Tries to determine an output with this constraint. Returns the constraint that did so before and lost.
function Constraint:satisfy(mark, planner)
  self:chooseMethod(mark)
  if not self:isSatisfied() then
    if self.strength == required then error("a required constraint cannot be satisfied") end
    return nil
  end
  self:markInputs(mark)
  local output = self:output()
  local displaced = output.determinedBy
  if displaced then displaced:markUnsatisfied() end
  output.determinedBy = self
  if not planner:propagate(self, mark) then error("the constraints form a cycle") end
  output.mark = mark
  return displaced
end

-- ---- constraints on one variable ----

local UnaryConstraint = newClass(Constraint)

local function newUnary(class, variable, strength, planner)
  local constraint = setmetatable({ strength = strength, variable = variable, satisfied = false }, class)
  constraint:enter(planner)
  return constraint
end

function UnaryConstraint:addToGraph()
  local list = self.variable.constraints
  list[#list + 1] = self
  self.satisfied = false
end

function UnaryConstraint:removeFromGraph()
  removeFrom(self.variable.constraints, self)
  self.satisfied = false
end

function UnaryConstraint:chooseMethod(mark)
  self.satisfied = self.variable.mark ~= mark and self.strength < self.variable.walkStrength
end

function UnaryConstraint:isSatisfied() return self.satisfied end
function UnaryConstraint:markInputs() end
function UnaryConstraint:inputsKnown() return true end
function UnaryConstraint:markUnsatisfied() self.satisfied = false end
function UnaryConstraint:output() return self.variable end

function UnaryConstraint:recalculate()
  local variable = self.variable
  variable.walkStrength = self.strength
  variable.stays = not self:isInput()
  if variable.stays then self:execute() end
end

-- The variable should keep its value.
local StayConstraint = newClass(UnaryConstraint)
function StayConstraint:execute() end

-- The variable is set from outside.
local EditConstraint = newClass(UnaryConstraint)
function EditConstraint:isInput() return true end
function EditConstraint:execute() end

-- ---- constraints between two variables ----

local BinaryConstraint = newClass(Constraint)
local forward, backward = 1, -1

function BinaryConstraint:addToGraph()
  for _, variable in ipairs({ self.left, self.right, self.scale, self.offset }) do
    variable.constraints[#variable.constraints + 1] = self
  end
  self.direction = nil
end

function BinaryConstraint:removeFromGraph()
  removeFrom(self.left.constraints, self)
  removeFrom(self.right.constraints, self)
  if self.scale then
    removeFrom(self.scale.constraints, self)
    removeFrom(self.offset.constraints, self)
  end
  self.direction = nil
end

-- Computes the variable that is not yet taken and whose present source is the weaker one.
function BinaryConstraint:chooseMethod(mark)
  local left, right, strength = self.left, self.right, self.strength
  self.direction = nil
  if left.mark == mark then
    if right.mark ~= mark and strength < right.walkStrength then self.direction = forward end
  elseif right.mark == mark then
    if strength < left.walkStrength then self.direction = backward end
  elseif left.walkStrength > right.walkStrength then
    if strength < left.walkStrength then self.direction = backward end
  elseif strength < right.walkStrength then
    self.direction = forward
  end
end

function BinaryConstraint:isSatisfied() return self.direction ~= nil end
function BinaryConstraint:markUnsatisfied() self.direction = nil end
function BinaryConstraint:input() return self.direction == forward and self.left or self.right end
function BinaryConstraint:output() return self.direction == forward and self.right or self.left end
function BinaryConstraint:markInputs(mark) self:input().mark = mark end

function BinaryConstraint:inputsKnown(mark)
  local input = self:input()
  return input.mark == mark or input.stays or input.determinedBy == nil
end

function BinaryConstraint:recalculate()
  local input, output = self:input(), self:output()
  output.walkStrength = math.max(self.strength, input.walkStrength)
  output.stays = input.stays
  if output.stays then self:execute() end
end

-- Two variables have the same value.
local EqualityConstraint = newClass(BinaryConstraint)
function EqualityConstraint:execute() self:output().value = self:input().value end

local function newEquality(left, right, strength, planner)
  local constraint = setmetatable({ strength = strength, left = left, right = right }, EqualityConstraint)
  constraint:enter(planner)
  return constraint
end

-- right = left * scale + offset, where scale and offset are never computed.
local ScaleConstraint = newClass(BinaryConstraint)

local function newScale(left, scale, offset, right, strength, planner)
  local constraint = setmetatable(
    { strength = strength, left = left, right = right, scale = scale, offset = offset }, ScaleConstraint)
  constraint:enter(planner)
  return constraint
end

function ScaleConstraint:markInputs(mark)
  self:input().mark = mark
  self.scale.mark = mark
  self.offset.mark = mark
end

function ScaleConstraint:execute()
  if self.direction == forward then
    self.right.value = self.left.value * self.scale.value + self.offset.value
  else
    self.left.value = (self.right.value - self.offset.value) / self.scale.value
  end
end

function ScaleConstraint:recalculate()
  local input, output = self:input(), self:output()
  output.walkStrength = math.max(self.strength, input.walkStrength)
  output.stays = input.stays and self.scale.stays and self.offset.stays
  if output.stays then self:execute() end
end

-- ---- the two tests ----

local function execute(plan)
  for i = 1, #plan do plan[i]:execute() end
end

-- A long chain of equalities: what is set at its head must arrive at its tail.
local function chainTest(length)
  local planner = newPlanner()
  local variables = {}
  for i = 1, length + 1 do variables[i] = newVariable("v" .. i, 0) end
  for i = 1, length do newEquality(variables[i], variables[i + 1], required, planner) end
  local first, last = variables[1], variables[length + 1]
  newUnary(StayConstraint, last, strongDefault, planner)
  local edit = newUnary(EditConstraint, first, preferred, planner)
  local plan = planner:planFromConstraints({ edit })
  for value = 0, 99 do
    first.value = value
    execute(plan)
    if last.value ~= value then error("the chain delivers " .. last.value .. " for " .. value) end
  end
  edit:incrementalRemove(planner)
  return #plan
end

local function change(variable, value, planner)
  local edit = newUnary(EditConstraint, variable, preferred, planner)
  local plan = planner:planFromConstraints({ edit })
  for _ = 1, 10 do
    variable.value = value
    execute(plan)
  end
  edit:incrementalRemove(planner)
end

-- Many variables that depend on others through one common scale and offset, changed from every side.
local function projectionTest(count)
  local planner = newPlanner()
  local scale, offset = newVariable("scale", 10), newVariable("offset", 1000)
  local sources, targets = {}, {}
  for i = 1, count do
    sources[i], targets[i] = newVariable("source", i), newVariable("target", i)
    newUnary(StayConstraint, sources[i], normal, planner)
    newScale(sources[i], scale, offset, targets[i], required, planner)
  end
  change(sources[count], 17, planner)
  if targets[count].value ~= 1170 then error("projection: target " .. targets[count].value) end
  change(targets[count], 1050, planner)
  if sources[count].value ~= 5 then error("projection: source " .. sources[count].value) end
  change(scale, 5, planner)
  for i = 1, count - 1 do
    if targets[i].value ~= i * 5 + 1000 then error("projection: scaled target " .. targets[i].value) end
  end
  change(offset, 2000, planner)
  for i = 1, count - 1 do
    if targets[i].value ~= i * 5 + 2000 then error("projection: moved target " .. targets[i].value) end
  end
  return targets[1].value
end

local planned = chainTest(n)
if planned ~= n + 1 then error("wrong length of the plan: " .. planned) end
print(planned, projectionTest(n))
