"""What random programs are written with: choices, fresh names, lines, and blocks with the scopes of variables."""

import random


class ProgramText:
    """The text of a program so far, and the random choices of which it is made."""

    def __init__(self, seed, prelude=""):
        self.random = random.Random(seed)
        self.output = prelude.strip().split("\n")
        self.indent = 0
        self.names = 0
        self.scopes = [[]]

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, items):
        return self.random.choice(items)

    def fresh(self, prefix="v"):
        self.names += 1
        return f"{prefix}{self.names}"

    def line(self, text):
        self.output.append("  " * self.indent + text)

    def block(self, opening, body, closing="end"):
        """What `body` writes, in a scope of its own."""
        self.line(opening)
        self.indent += 1
        self.scopes.append([])
        body()
        self.scopes.pop()
        self.indent -= 1
        self.line(closing)

    def text(self):
        return "\n".join(self.output) + "\n"
