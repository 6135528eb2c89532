-- Method calls through two levels of inheritance, overriding, and accessors.
-- quick: 20000
local n = tonumber(arg and arg[1]) or 1800000

local Account = {}
Account.__index = Account

function Account.new(balance) return setmetatable({ balance = balance, operations = 0 }, Account) end
function Account:deposit(amount)
  self.balance = self.balance + amount
  self.operations = self.operations + 1
end
function Account:fee() return 0 end
function Account:withdraw(amount) self:deposit(-(amount + self:fee())) end
function Account:getBalance() return self.balance end

local Checking = setmetatable({}, { __index = Account })
Checking.__index = Checking

function Checking.new(balance) return setmetatable(Account.new(balance), Checking) end
function Checking:fee() return 1 end

local Premium = setmetatable({}, { __index = Checking })
Premium.__index = Premium

function Premium.new(balance)
  local account = setmetatable(Checking.new(balance), Premium)
  account.saved = 0
  return account
end
function Premium:fee()
  self.saved = self.saved + 1
  return 0
end

local accounts = { Account.new(0), Checking.new(0), Premium.new(0) }
local sum = 0
for i = 1, n do
  local account = accounts[i % 3 + 1]
  account:deposit(10)
  account:withdraw(4)
  sum = sum + account:getBalance() % 2
end

local turns = { math.floor(n / 3), math.floor((n + 2) / 3), math.floor((n + 1) / 3) }
local fees = { 0, 1, 0 }
for i, account in ipairs(accounts) do
  if account:getBalance() ~= turns[i] * (6 - fees[i]) then error("wrong balance: " .. account:getBalance()) end
  if account.operations ~= turns[i] * 2 then error("wrong number of operations: " .. account.operations) end
end
if accounts[3].saved ~= turns[3] then error("wrong savings: " .. accounts[3].saved) end
print(sum)
