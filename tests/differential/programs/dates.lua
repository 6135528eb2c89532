-- os.time and os.date with fixed times, in UTC.
for _, moment in ipairs { 0, 1, 86399, 86400, 951782400, 1000000000, 1709164800, 1735689599, 2147483647, 4102444800 } do
  print(moment, os.date("!%Y-%m-%d %H:%M:%S %j %w %a %A %b %B %p %I %y %%", moment))
  local t = os.date("!*t", moment)
  print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
end
print(os.date("!%c", 0), os.date("!%x", 0), os.date("!%X", 3661), os.date("!%D %F %T %R", 100000), os.date("!%e|%n|%t|%h|%C|%g|%G|%u|%V|%U|%W", 1e9))
local function day(y, m, d) return os.time { year = y, month = m, day = d, hour = 12 } end
print((day(2024, 3, 1) - day(2024, 2, 28)) // 86400, (day(2023, 3, 1) - day(2023, 2, 28)) // 86400, (day(2000, 3, 1) - day(1999, 3, 1)) // 86400)
local t = { year = 2024, month = 14, day = -3, hour = 25, min = 61, sec = 61 }
os.time(t)
print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday)
print(os.date("%Y-%m-%d", day(2021, 1, 31) + 86400), os.difftime(10, 4), os.difftime(4, 10))
local function leap(y) return y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0) end
local mismatches = 0
for y = 1971, 2037 do
  local length = (day(y + 1, 1, 1) - day(y, 1, 1)) // 86400
  if length ~= (leap(y) and 366 or 365) then mismatches = mismatches + 1 end
end
print("mismatches", mismatches)
for _, call in ipairs {
  function() return os.time { year = 2020 } end, function() return os.time { year = 2020, month = "x", day = 1 } end, function() return os.time { year = 2020, month = 1.5, day = 1 } end,
  function() return os.date("%Q", 0) end, function() return os.date("%", 0) end, function() return os.time { year = 1 << 40, month = 1, day = 1 } end, function() return os.date("!%Y", 2 ^ 80) end,
  function() return os.time "x" end, function() return os.date("!*t", 1.5) end,
} do print(pcall(call)) end
print(type(os.time()), math.type(os.time()), type(os.clock()), os.getenv "SURELY_NOT_SET_ANYWHERE", type(os.tmpname()) == "string")
