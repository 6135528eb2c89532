-- os.exit(false) inside a coroutine inside pcall.
print(pcall(function()
  coroutine.wrap(function()
    print "leaving"
    os.exit(false)
  end)()
end))
