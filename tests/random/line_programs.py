#!/usr/bin/env python3
"""Writes a random Lua program about the lines that a debug hook sees, for a seed: `line_programs.py SEED`.

Loops, conditions, gotos to labels before and behind them, and variables that closures have captured stand within each
other, with line breaks between any two pieces of text. At the end the program prints which lines its hook has seen, and
on which ones a break point can be set.
"""

import sys

from program_text import ProgramText

MAX_DEPTH = 3  # of blocks within each other

BEGINNING = """
local n, keep, never = 0, type, nil
local function traced()
"""
ENDING = """
end
local lines = {}
debug.sethook(function(_, line)
  lines[#lines + 1] = line
  if #lines > 2000 then
    debug.sethook()
    error("long enough", 0)
  end
end, "l")
local _, message = pcall(traced)
debug.sethook()
print(message, table.concat(lines, " "))
local active = {}
for line in pairs(debug.getinfo(traced, "L").activelines) do active[#active + 1] = line end
table.sort(active)
print(table.concat(active, " "))
"""
CONDITIONS = ["n % 3 == 0", "n % 2 == 1", "n > 5", "not (n < 9)", "n % 3 == 0 and n > 4", "n % 5 == 1 or n > 20", "never", "n",
              "n % 2 == 0 and never or n > 3", "not never"]
PLAIN = ["n = n + 1", "n = n + 2", "keep(n)", "local kept = n keep(function() return kept end)", "local _ = n > 3 and n"]


class LineProgram(ProgramText):
    def __init__(self, seed):
        super().__init__(seed, BEGINNING)
        self.pieces = []  # of text, each with how deep it is indented where it begins a line
        self.depth = 0
        self.in_loop = False
        self.labels = []  # that a goto may name

    def piece(self, text):
        self.pieces.append((self.depth, text))

    def nested(self, opening, body, closing="end"):
        self.piece(opening)
        self.depth += 1
        body()
        self.depth -= 1
        self.piece(closing)

    def condition(self):
        return self.pick(CONDITIONS)

    # ---- statements ----

    def leave(self):
        ways = ["break"] * self.in_loop + [f"goto {label}" for label in self.labels]
        if ways:
            self.nested(f"if {self.condition()} then", lambda: self.piece(self.pick(ways)))

    def plain(self):
        self.nested("do", lambda: self.piece(self.pick(PLAIN)))

    def conditional(self):
        self.piece(f"if {self.condition()} then")
        self.inner()
        while self.chance(0.3):
            self.piece(f"elseif {self.condition()} then")
            self.inner()
        if self.chance(0.4):
            self.piece("else")
            self.inner()
        self.piece("end")

    def loop(self, opening, body, closing="end"):
        outer, self.in_loop = self.in_loop, True
        self.nested(opening, body, closing)
        self.in_loop = outer

    def while_loop(self):
        turns = self.fresh("turns")

        def body():
            self.piece(f"{turns} = {turns} + 1")
            self.statements()

        self.piece("do")
        self.piece(f"local {turns} = 0")
        self.loop(f"while {turns} < 3 do", body)
        self.piece("end")

    def repeat_loop(self):
        turns, bound = self.fresh("turns"), self.fresh("bound")
        is_captured = self.chance(0.5)

        def body():
            self.piece(f"{turns} = {turns} + 1")
            if is_captured:
                self.piece(f"local {bound} = {turns}")
                self.piece(f"keep(function() return {bound} end)")
            # A block, so that no label is jumped to over a local of its scope.
            self.nested("do", self.statements)

        self.piece("do")
        self.piece(f"local {turns} = 0")
        self.loop("repeat", body, "until")
        self.piece(f"{bound if is_captured else turns} > 2")
        if self.chance(0.3):
            self.piece(f"or {turns} > 1")
        self.piece("end")

    def for_loop(self):
        name = self.fresh("i")
        self.loop(self.pick([f"for {name} = 1, 3 do", f"for {name} in next, {{ 1, 2 }} do"]), self.statements)

    # ---- blocks ----

    def inner(self):
        self.depth += 1
        self.statements()
        self.depth -= 1

    def statements(self):
        outer = self.labels
        label = self.fresh("label") if self.chance(0.5) else None
        is_behind = self.chance(0.8)
        if label:
            self.labels = self.labels + [label]
            if not is_behind:
                self.piece(f"::{label}::")
                self.piece("n = n + 1")
        for _ in range(self.random.randint(1, 3)):
            kinds = [self.plain, self.plain, self.leave, self.leave]
            if self.depth < MAX_DEPTH:
                kinds += [self.while_loop, self.repeat_loop, self.for_loop, self.conditional, self.conditional]
            self.pick(kinds)()
        if self.chance(0.35):
            self.leave()
        if label and is_behind:
            self.piece(f"::{label}::")
        self.labels = outer

    def program(self):
        self.statements()
        line = ""
        for depth, piece in self.pieces:
            line = f"{line} {piece}" if line else "  " * (depth + 1) + piece
            if self.chance(0.6):
                self.line(line)
                line = ""
        self.line(line)
        self.output += ENDING.strip().split("\n")
        return self.text()


def generate(seed):
    return LineProgram(seed).program()


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1])))
