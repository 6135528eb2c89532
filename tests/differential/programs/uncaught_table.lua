-- An uncaught error object without __tostring.
print(select("#", pcall(error, {})))
error { code = 1 }
