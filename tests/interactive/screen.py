"""A terminal's screen, as far as line editing uses one: what a person would see of a program's output.

Understands printable text in UTF-8, the control characters, and the escape sequences of the terminfo entry "xterm" that move
the cursor, erase, insert and delete. Colours are kept apart, per cell. Anything else raises an error, so that nothing is
overlooked.
"""

import re

SEQUENCE = re.compile(r"\x1b\[([?>]?)([\d;]*)([@-~])")


class Screen:
    def __init__(self, columns=80, rows=24):
        self.columns = columns
        self.rows = rows
        self.cells = [[(" ", "")] * columns for _ in range(rows)]
        self.scrolled = []
        self.row = 0
        self.column = 0
        self.style = ""
        self.inserts = False
        self.bells = 0
        self.pending = b""

    # ---- what is on it ----

    def line(self, row):
        return "".join(cell[0] for cell in self.cells[row]).rstrip()

    def text(self):
        """All lines, including those that have left the screen at its top, without empty ones at the end."""
        lines = ["".join(cell[0] for cell in cells).rstrip() for cells in self.scrolled]
        lines += [self.line(row) for row in range(self.rows)]
        return "\n".join(lines).rstrip()

    def style_of(self, text):
        """How the last place where a text stands is coloured; None if it is nowhere or of several colours."""
        for cells in reversed(self.scrolled + self.cells):
            column = "".join(cell[0] for cell in cells).rfind(text)
            if column >= 0:
                styles = {cell[1] for cell in cells[column:column + len(text)]}
                return styles.pop() if len(styles) == 1 else None
        return None

    # ---- what comes to it ----

    def feed(self, data):
        self.pending += data
        try:
            text = self.pending.decode()
            self.pending = b""
        except UnicodeDecodeError as error:
            if len(self.pending) - error.start > 3:
                raise
            text = self.pending[:error.start].decode()
            self.pending = self.pending[error.start:]
        i = 0
        while i < len(text):
            if text[i] == "\x1b":
                match = SEQUENCE.match(text, i)
                if match is None:
                    if re.fullmatch(r"\x1b(\[[?>]?[\d;]*)?", text[i:]):
                        self.pending = text[i:].encode() + self.pending
                        return
                    if text.startswith(("\x1b=", "\x1b>"), i):
                        i += 2
                        continue
                    raise ValueError(f"escape sequence {text[i:i + 10]!r}")
                self.control(match.group(1), match.group(2), match.group(3))
                i = match.end()
                continue
            self.put(text[i])
            i += 1

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.down()
        elif character == "\b":
            self.column = max(0, min(self.column, self.columns - 1) - 1)
        elif character == "\t":
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif character == "\x07":
            self.bells += 1
        elif character >= " ":
            if self.column >= self.columns:
                self.column = 0
                self.down()
            cells = self.cells[self.row]
            if self.inserts:
                cells.insert(self.column, (" ", ""))
                cells.pop()
            cells[self.column] = (character, self.style)
            self.column += 1
        else:
            raise ValueError(f"control character {character!r}")

    def down(self):
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.scrolled.append(self.cells.pop(0))
            self.cells.append([(" ", "")] * self.columns)

    def control(self, private, arguments, final):
        numbers = [int(number) for number in arguments.split(";") if number]
        count = numbers[0] if numbers and numbers[0] > 0 else 1
        mode = numbers[0] if numbers else 0
        cells = self.cells[self.row]
        if private:
            return  # modes of the keyboard and the like
        if final == "m":
            self.style = "" if arguments in ("", "0") else arguments
        elif final == "A":
            self.row = max(0, self.row - count)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + count)
        elif final == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif final == "D":
            self.column = max(0, min(self.column, self.columns - 1) - count)
        elif final == "G":
            self.column = min(self.columns, count) - 1
        elif final == "H":
            self.row = (numbers[0] if numbers else 1) - 1
            self.column = (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "K" and mode == 0:
            cells[self.column:] = [(" ", "")] * (self.columns - self.column)
        elif final == "J" and mode == 0:
            cells[self.column:] = [(" ", "")] * (self.columns - self.column)
            for row in range(self.row + 1, self.rows):
                self.cells[row] = [(" ", "")] * self.columns
        elif final == "J" and mode == 2:
            self.cells = [[(" ", "")] * self.columns for _ in range(self.rows)]
        elif final == "@":
            cells[self.column:self.column] = [(" ", "")] * count
            del cells[self.columns:]
        elif final == "P":
            del cells[self.column:self.column + count]
            cells.extend([(" ", "")] * (self.columns - len(cells)))
        elif final in "hl" and mode == 4:
            self.inserts = final == "h"
        elif final not in "hlrt":
            raise ValueError(f"control sequence {arguments!r} {final!r}")
