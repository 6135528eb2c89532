-- Run lengths, Huffman codes, LZ78 and Burrows-Wheeler, each there and back again.
local samples = { "", "a", "aaaaabbbccd", "the quick brown fox jumps over the lazy dog", ("abc"):rep(40), "mississippi", string.char(0, 0, 255, 255, 0, 1, 2, 3) }
local function runLength(s) return (s:gsub("(.)(%1*)", function(c, rest) return c .. string.char(#rest) end)) end
local function expandRuns(s) return (s:gsub("(.)(.)", function(c, n) return c:rep(n:byte() + 1) end)) end
local function encodeRuns(s)
  local out, i = {}, 1
  while i <= #s do
    local c, n = s:sub(i, i), 1
    while s:sub(i + n, i + n) == c and n < 255 do n = n + 1 end
    out[#out + 1] = c .. string.char(n - 1)
    i = i + n
  end
  return table.concat(out)
end
local function huffman(s)
  local counts, nodes = {}, {}
  for c in s:gmatch "." do counts[c] = (counts[c] or 0) + 1 end
  for c, n in pairs(counts) do nodes[#nodes + 1] = { weight = n, label = c } end
  local function order(a, b) if a.weight ~= b.weight then return a.weight > b.weight end return a.label > b.label end
  while #nodes > 1 do
    table.sort(nodes, order)
    local a, b = table.remove(nodes), table.remove(nodes)
    nodes[#nodes + 1] = { weight = a.weight + b.weight, label = math.min(a.label:byte(), b.label:byte()) .. "", a, b }
  end
  local codes = {}
  local function assign(node, prefix)
    if not node then return end
    if node[1] then assign(node[1], prefix .. "0") assign(node[2], prefix .. "1") else codes[node.label] = prefix == "" and "0" or prefix end
  end
  assign(nodes[1], "")
  local bits = s:gsub(".", codes)
  local decoded, current = {}, ""
  local reverse = {}
  for c, code in pairs(codes) do reverse[code] = c end
  for bit in bits:gmatch "." do
    current = current .. bit
    if reverse[current] then decoded[#decoded + 1] = reverse[current] current = "" end
  end
  return #bits, table.concat(decoded)
end
local function lz78(s)
  local dictionary, size, current, out = {}, 0, "", {}
  for c in s:gmatch "." do
    if dictionary[current .. c] then
      current = current .. c
    else
      out[#out + 1] = { dictionary[current] or 0, c }
      size = size + 1
      dictionary[current .. c] = size
      current = ""
    end
  end
  if current ~= "" then out[#out + 1] = { dictionary[current], "" } end
  local entries, text = { [0] = "" }, {}
  for i, pair in ipairs(out) do
    entries[i] = entries[pair[1]] .. pair[2]
    text[i] = entries[i]
  end
  return #out, table.concat(text)
end
local function burrowsWheeler(s)
  local rotations = {}
  for i = 1, #s do rotations[i] = s:sub(i) .. s:sub(1, i - 1) end
  table.sort(rotations)
  local last, index = {}, 0
  for i, r in ipairs(rotations) do
    last[i] = r:sub(-1)
    if r == s and index == 0 then index = i end
  end
  local rows = {}
  for i = 1, #s do rows[i] = "" end
  for _ = 1, #s do
    for i = 1, #s do rows[i] = last[i] .. rows[i] end
    table.sort(rows)
  end
  return table.concat(last), rows[index] or ""
end
for _, s in ipairs(samples) do
  local runs = encodeRuns(s)
  local bits, fromHuffman = huffman(s)
  local entries, fromLz = lz78(s)
  print(("%q"):format(s:sub(1, 20)), #s, #runs, expandRuns(runs) == s, bits, fromHuffman == s, entries, fromLz == s)
  if #s < 50 then
    local transformed, back = burrowsWheeler(s)
    print("", ("%q"):format(transformed), back == s)
  end
end
print(select("#", pcall(runLength, "aab")))
