-- Ends with an uncaught error: the exit status is 1 and the message goes to the standard error output.
print "before"
local function fail(depth)
  if depth == 0 then
    local config = { limits = {} }
    return config.limits.maximum + 1
  end
  return (fail(depth - 1))
end
io.write("no line end")
fail(3)
print "never"
