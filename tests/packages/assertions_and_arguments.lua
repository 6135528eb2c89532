-- What busted is made of, as far as it is pure Lua: say (texts by key), luassert (assertions, spies, stubs, matchers),
-- mediator (events), cliargs (command lines).

-- ---- say ----
local say = require "say"
for _, language in ipairs { "en", "de", "fr" } do
  say:set_namespace(language)
  for i = 1, 20 do say:set("message." .. i, language .. " %s of " .. i .. ", %s") end
end
say:set_namespace "de"
say:set_fallback "en"
say:set("only", "here %s")
say:set_namespace "fr"
for i = 0, 21 do print(say("message." .. i, { "one", i })) end
say:set_namespace "it"
print(say("message.3", { "a", nil, n = 2 }), say "nothing", pcall(say, nil))

-- ---- mediator ----
local mediator = require "mediator"()
local log = {}
for i = 1, 10 do
  mediator:subscribe({ "channel", i % 3 == 0 and "third" or "other" }, function(...)
    log[#log + 1] = table.concat({ i, ... }, " ")
    return "result " .. i, i % 4 ~= 0
  end, { priority = 11 - i, predicate = function(value) return value ~= i end })
end
for value = 1, 12 do
  local results = mediator:publish({ "channel", "third" }, value, "x")
  print(value, type(results) == "table" and #results, table.concat(log, ";"))
  log = {}
  mediator:publish({ "channel", "other" }, value)
  print(table.concat(log, ";"))
  log = {}
end

-- ---- luassert ----
local luassert = require "luassert"
local spy, stub, match = require "luassert.spy", require "luassert.stub", require "luassert.match"

-- Messages name tables by their contents, in the order of their keys.
local function try(name, ...)
  local assertion = luassert
  for part in name:gmatch "[^.]+" do assertion = assertion[part] end
  local succeeded, message = pcall(assertion, ...)
  if not succeeded and type(message) ~= "string" then message = tostring(message) end
  print(name, succeeded, not succeeded and message:gsub("0x%x+", "ADDRESS") or "")
end
local values = { 1, 1.0, 2, "1", "text", true, false, {}, { 1, { 2, x = 3 } }, { 1, { 2, x = 3 } }, { 1, { 2, x = 4 } } }
for i = 1, #values do
  for j = i, #values do
    try("are.equal", values[i], values[j])
    try("are.same", values[i], values[j])
    try("are_not.same", values[i], values[j])
  end
  for _, name in ipairs { "is_true", "is_false", "truthy", "falsy", "is_nil", "is_number", "is_string", "is_table",
                          "is_not_nil", "is.boolean", "is_function" } do
    try(name, values[i])
  end
end
for i = 1, 20 do
  try("is.near", i, i + i / 10, 1)
  try("matches", "^%d" .. (i % 2 == 0 and "$" or "+$"), tostring(i))
  try("has.error", function() if i % 3 == 0 then error("error " .. i, 0) end end, "error 3")
  try("has_no.errors", function() if i % 3 == 0 then error { number = i } end end)
  try("unique", { i % 4, 1, 2 })
  try("returned_arguments", i % 3, table.unpack({}, 1, i))
end
local object = { add = function(_, a, b) return a + b end, fail = function() error "failed" end }
spy.on(object, "add")
stub(object, "fail").returns("stubbed")
for i = 1, 30 do
  print(object:add(i, 2 * i), object.fail(i))
  try("spy.was.called", i)
end
luassert.spy(object.add).was.called(30)
luassert.spy(object.add).was.called_with(match.is_table(), 3, match.is_number())
print(pcall(luassert.spy(object.add).was_not.called_with, match._, 3, 6))
luassert.stub(object.fail).was.called_with(7)
object.add:revert()
object.fail:revert()
print(pcall(object.fail), object:add(1, 1))
local snapshot = luassert:snapshot()
luassert:set_parameter("TableFormatLevel", 1)
try("are.same", { { { 1 } } }, { { { 2 } } })
snapshot:revert()
try("are.same", { { { 1 } } }, { { { 2 } } })

-- ---- cliargs ----
for _, line in ipairs {
  "input", "-c input", "--compress input out", "-o file input", "--output=file input", "--unknown input", "", "-v -v -v input",
  "-n 12 input", "-n x input", "--help", "input a b c d", "-cq input", "--no-colour input", "-o", "--output input --",
} do
  local cli = require "cliargs.core"()
  cli:set_name "program"
  cli:set_description "for tests"
  cli:argument("INPUT", "where from")
  cli:splat("REST", "the rest", "none", 3)
  cli:option("-o, --output=FILE", "where to", "standard")
  cli:option("-n, --number=NUMBER", "how many", nil, function(_, value)
    if not tonumber(value) then return nil, "no number: " .. value end
  end)
  cli:flag("-c, --compress", "smaller")
  cli:flag("-q", "quiet")
  cli:flag("-v, --verbose", "louder", 0)
  cli:flag("--[no-]colour", "coloured", true)
  local arguments = {}
  for word in line:gmatch "%S+" do arguments[#arguments + 1] = word end
  local succeeded, result, message = pcall(cli.parse, cli, arguments)
  if type(result) == "table" then
    local words = {}
    for key, value in pairs(result) do
      words[#words + 1] = key .. "=" .. (type(value) == "table" and "{" .. table.concat(value, ",") .. "}" or tostring(value))
    end
    table.sort(words)
    result = table.concat(words, " ")
  end
  print(line, succeeded, result, message)
end
