local function f(a, b, ...)
  local s = 0
  for i = 1, a or 3 do s = s + i * 2.5 // 1 end
  for i = 3, 1, -1 do if i % 2 == 0 then goto next end s = s - i ::next:: end
  while s > 100 do s = s / 2 break end
  repeat local t = s >> 1 & 7 until t >= 0 or not b
  return s, select("#", ...), ...
end
print(f(5, nil, 1, 2))
return f(f(1, true))
