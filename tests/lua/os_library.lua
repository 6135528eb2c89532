-- The operating system functions (manual 6.9).

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), message)
end

-- Times and dates.
do
  assert(math.type(os.time()) == "integer" and math.type(os.clock()) == "float" and os.clock() >= 0)
  assert(os.date("!%Y-%m-%d %H:%M:%S", 0) == "1970-01-01 00:00:00" and os.date("!%%|%j|%y", 86400) == "%|002|70")
  assert(os.date("!plain \0 text", 0) == "plain \0 text" and os.date("", 0) == "" and #os.date() > 0)
  assert(os.date("!%Ey %OH", 0) == "70 00")
  local t = os.date("!*t", 951782400)
  assert(t.year == 2000 and t.month == 2 and t.day == 29 and t.hour == 0 and t.min == 0 and t.sec == 0)
  assert(t.yday == 60 and t.wday == 3 and t.isdst == false)
  local now = os.time()
  assert(os.time(os.date("*t", now)) == now)
  local normalized = { year = 2020, month = 14, day = -3, hour = 25 }
  local when = os.time(normalized)
  assert(normalized.year == 2021 and normalized.month == 1 and normalized.day == 29 and normalized.hour == 1)
  assert(os.date("%Y-%m-%d %H", when) == "2021-01-29 01" and normalized.yday == 29)
  local function january(day) return os.time { year = 2020, month = 1, day = day, hour = 0 } end
  assert(january(2) - january(1) == 86400)
  assert(os.time { year = "2020", month = 1.0, day = 1 } == os.time { year = 2020, month = 1, day = 1, hour = 12 })
  assert(os.difftime(5, 3) == 2.0)
  failsWith("field 'month' missing in date table", os.time, { year = 2020 })
  failsWith("field 'year' is not an integer", os.time, { year = "x", month = 1, day = 1 })
  failsWith("field 'day' is not an integer", os.time, { year = 2020, month = 1, day = 1.5 })
  failsWith("field 'year' is out-of-bound", os.time, { year = 2^40 // 1 | 0, month = 1, day = 1 })
  failsWith("table expected, got number", os.time, 1)
  for _, bad in ipairs { "%Q", "%", "%E", "%Ez", "%Oc", "%5" } do
    failsWith("invalid conversion specifier '" .. bad .. "'", os.date, bad)
  end
  failsWith("date result cannot be represented", os.date, "*t", 1 << 60)
  failsWith("number has no integer representation", os.date, "*t", 1.5)
end

-- Files and the environment.
do
  local name = os.tmpname()
  assert(io.open(name)):close()
  local other = name .. ".renamed"
  assert(os.rename(name, other) == true and io.open(name) == nil)
  assert(os.remove(other) == true)
  local result, message, code = os.remove(other)
  assert(result == nil and message == other .. ": No such file or directory" and code == 2)
  result, message, code = os.rename(other, name)
  assert(result == nil and message:find "No such file or directory" and code == 2)
  assert(os.getenv "PATH" and os.getenv "SELVAGE_SURELY_NOT_SET" == nil)
  failsWith("string expected, got no value", os.getenv)
end

-- Processes.
do
  assert(os.execute() == true)
  local ok, how, code = os.execute "true"
  assert(ok == true and how == "exit" and code == 0)
  ok, how, code = os.execute "exit 3"
  assert(ok == nil and how == "exit" and code == 3)
  ok, how, code = os.execute "kill -9 $$"
  assert(ok == nil and how == "signal" and code == 9)
end

-- Locales.
do
  assert(os.setlocale "C" == "C" and os.setlocale() == "C" and os.setlocale(nil, "numeric") == "C")
  assert(os.setlocale "no such locale" == nil)
  failsWith("invalid option 'x'", os.setlocale, "C", "x")
end

-- Only "*t" as a whole asks for a table.
assert(type(os.date("*t", 0)) == "table" and os.date("*tx", 0) == "*tx" and os.date("!*", 0) == "*")
