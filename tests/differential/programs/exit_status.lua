-- os.exit with a status, with buffered output and a pending close.
io.write "buffered"
local guard <close> = setmetatable({}, { __close = function() print "closed" end })
setmetatable({}, { __gc = function() print "finalized" end })
os.exit(7, true)
