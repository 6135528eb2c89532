-- Text statistics: words, letters, lengths, longest words, anagrams.
local text = [[
The selvage is the edge of a weave that finishes itself. The threads of the weft turn around at the edge, and so the
cloth neither frays nor unravels; where it ends, it ends by its own making. A weaver who looks at the edge can tell how
the whole was made: whether the tension was even, the beat steady, the shed clear. Cloth cut from the loom keeps its
selvage, and the selvage keeps the cloth.
No tale was late: the steal of least slate stale tales, a teals' tesla.
]]
local counts, order = {}, {}
for word in text:lower():gmatch "%a+" do
  if not counts[word] then order[#order + 1] = word end
  counts[word] = (counts[word] or 0) + 1
end
table.sort(order, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)
for i = 1, 15 do print(("%2d. %-10s %3d %s"):format(i, order[i], counts[order[i]], ("*"):rep(counts[order[i]]))) end
local lengths = {}
for _, word in ipairs(order) do lengths[#word] = (lengths[#word] or 0) + 1 end
for length = 1, 12 do if lengths[length] then io.write(length, ":", lengths[length], " ") end end
print()
local letters = {}
for letter in text:gmatch "%a" do
  letter = letter:lower()
  letters[letter] = (letters[letter] or 0) + 1
end
for byte = ("a"):byte(), ("z"):byte() do
  local letter = string.char(byte)
  if letters[letter] then io.write(letter, letters[letter], " ") end
end
print()
local groups = {}
for _, word in ipairs(order) do
  local sorted = {}
  for c in word:gmatch "." do sorted[#sorted + 1] = c end
  table.sort(sorted)
  local key = table.concat(sorted)
  groups[key] = groups[key] or {}
  table.insert(groups[key], word)
end
local anagrams = {}
for key, group in pairs(groups) do
  if #group > 1 then
    table.sort(group)
    anagrams[#anagrams + 1] = key .. ": " .. table.concat(group, " ")
  end
end
table.sort(anagrams)
print(table.concat(anagrams, "\n"))
print(select(2, text:gsub("%p", "")), select(2, text:gsub("\n", "")), #text)
print((text:gsub("(%a+)ves", "<%1ves>"):gsub("%s+", " "):sub(1, 120)))
