-- A program that does not compile prints nothing and fails.
print "never"
local t = {
  1,
  2
local u = 3
