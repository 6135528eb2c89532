-- The utf8 library.
local samples = { "", "ascii", "héllo wörld", "日本語テキスト", "mixed é 漢 𝄞 end", "\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}", "e\u{301}" }
for _, s in ipairs(samples) do
  print(s, #s, utf8.len(s))
  for position, code in utf8.codes(s) do io.write(position, ":", ("U+%04X"):format(code), " ") end
  print()
  local points = { utf8.codepoint(s, 1, -1) }
  print(utf8.char(table.unpack(points)) == s, #points)
  local reversed = {}
  for i = #points, 1, -1 do reversed[#reversed + 1] = utf8.char(points[i]) end
  print(table.concat(reversed))
  for i = -3, 3 do io.write(tostring(select(2, pcall(utf8.offset, s, i))), " ") end
  print()
end
print(utf8.charpattern == "[\0-\x7F\xC2-\xFD][\x80-\xBF]*", utf8.char(), utf8.char(72, 228, 8364, 0x10FFFF), utf8.char(0x7FFFFFFF):byte(1, -1))
for _, bad in ipairs { "\xff", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\x97", "ok\xC3" } do
  print(utf8.len(bad))
  print(utf8.len(bad, 1, -1, true))
  print(pcall(function() for _ in utf8.codes(bad) do end end))
  print(pcall(utf8.codepoint, bad, 1, -1))
end
print(utf8.len("日本語", 4), utf8.len("日本語", -3), utf8.len("日本語", 2), utf8.codepoint("日本語", 4), utf8.offset("日本語", 2), utf8.offset("日本語", -1), utf8.offset("日本語", 5), utf8.offset("日本語", 0, 5))
print(pcall(utf8.offset, "日本語", 1, 2))
print(pcall(utf8.len, "abc", 6), pcall(utf8.codepoint, "abc", 4), pcall(utf8.char, -1), pcall(utf8.char, "x"))
for c in ("añb漢c"):gmatch(utf8.charpattern) do io.write("[", c, "]") end
print()
print(("añb"):upper(), ("ÀÉ"):lower(), ("漢字"):rep(2, "-"), ("漢字"):sub(1, 3), ("漢字"):reverse() == "\151\173\229\162\188\230", "é" < "z", "é" > "z")
