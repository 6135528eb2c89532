#!/usr/bin/env python3
"""Writes a random Lua program about the flow of control for a seed: `control_programs.py SEED`.

Coroutines within coroutines, protected calls, to-be-closed variables, metamethods, iterators and gotos, of which any may
yield, fail or leave what is around it, and coroutines that are closed in the middle of it all. control_prelude.lua prints
what happens in which order.

The programs keep away from known faults of the reference (5.4.4): metamethods within a longer chain of concatenations, and
xpcall, whose message handler is called, or what stands in its place by then, when a coroutine is closed within it.
"""

import sys
from pathlib import Path

from program_text import ProgramText

PRELUDE = (Path(__file__).resolve().parent / "control_prelude.lua").read_text()
MAX_DEPTH = 4  # of functions within each other
MAX_BLOCKS = 4  # around a statement of a function
MODES = ["", "", "yield", "yield", "raise", "throw"]
OPERATIONS = ["{o} + {v}", "{v} - {o}", "{o} * {o}", "{o} / 2", "2 % {o}", "{o} ^ 2", "-{o}", "{o} // {v}", "{o} & 1",
              "1 | {o}", "{o} ~ {o}", "{o} << 1", "1 >> {o}", "~{o}", "{o} .. 'x'", "1 .. {o}", "#{o}", "{o} ~= {o2}",
              "{o} == object('other', '')", "{o} < {v}", "{v} > {o}", "{o} <= {o2}", "not ({o} >= 1)", "{o}.field",
              "{o}[{v}]", "{o}({v})", "{o}:method(1)", "(#{o} or 1) + #{o}", "{o} < 1 and {o} or -{o}", "({o}(1, 2))",
              "({o} + 1) .. ({o} - 1)"]


class ControlProgram(ProgramText):
    def __init__(self, seed):
        super().__init__(seed, PRELUDE)
        self.functions = []
        self.depth = 0
        self.blocks = 0
        self.leaves = []  # statements that leave loops around here
        self.budget = 60

    # ---- values ----

    def variables(self):
        return [name for scope in self.scopes for name in scope]

    def value(self):
        form = self.random.random()
        variables = self.variables()
        if variables and form < 0.5:
            return self.pick(variables)
        if form < 0.6:
            return "(...)"
        if form < 0.7:
            return f"pass({self.pick(variables + ['1'])})"
        return self.pick(["1", "2.5", "'s'", "nil", "true", "false", "'10'"])

    def object(self):
        return f"object('{self.fresh('o')}', '{self.pick(MODES)}')"

    def closer(self):
        return self.pick(["nil", "false"]) if self.chance(0.1) else f"closer('{self.fresh('c')}', '{self.pick(MODES)}')"

    def arguments(self):
        values = [self.value() for _ in range(self.random.randint(0, 2))]
        return ", ".join(values + ["..."] if self.chance(0.2) else values)

    def call(self):
        function = self.pick(self.functions) if self.functions and self.chance(0.8) else "pass"
        return f"{function}({self.arguments()})"

    def condition(self):
        return self.pick(["fuel % 2 == 0", "fuel % 3 == 0", "fuel % 5 > 1", "pass(true)"] + self.variables())

    # ---- functions ----

    def function(self, head, tail):
        """A function of all arguments whose text begins with `head`."""
        outer = self.leaves, self.blocks
        self.leaves, self.blocks = [], 0
        self.depth += 1

        def body():
            self.line("tick()")
            name = self.fresh("p")
            self.line(f"local {name} = ...")
            self.scopes[-1].append(name)
            self.statements(self.random.randint(1, 4))
            if self.chance(0.6):
                self.line("return " + self.pick([self.call(), self.arguments(), self.call(), "..."]))

        self.block(f"{head}(...)", body, tail)
        self.depth -= 1
        self.leaves, self.blocks = outer

    def declare_function(self):
        if self.depth >= MAX_DEPTH:
            return
        name = self.fresh("f")
        self.function(f"local function {name}", "end")
        if self.depth == 0:
            self.functions.append(name)
        else:
            self.line(f"say({name}({self.arguments()}))")

    def protected(self):
        if self.depth >= MAX_DEPTH:
            return
        arguments = self.arguments()
        tail = f", {arguments}))" if arguments else "))"
        self.function("report(pcall(function", "end" + tail)

    def coroutine(self):
        if self.depth >= MAX_DEPTH:
            return
        form = self.random.random()
        if form < 0.5:
            self.function(f"say(drive({self.random.randint(0, 6)}, function", "end, 1))")
        elif form < 0.7:
            name = self.fresh("w")
            self.function(f"local {name} = coroutine.wrap(function", "end)")
            for _ in range(self.random.randint(1, 2)):
                self.line(self.pick([f"say({name}({self.arguments()}))", f"say(pcall({name}, 1))"]))
        elif self.blocks < MAX_BLOCKS:
            # Its values are the loop's; nil or the function's end is the loop's.
            step = self.fresh("w")
            self.function(f"local {step} = coroutine.wrap(function", "end)")
            self.loop_over(step)

    # ---- statements ----

    def statements(self, number):
        for _ in range(number):
            if self.budget > 0:
                self.budget -= 1
                getattr(self, self.pick(STATEMENTS))()

    def nested(self, head, tail="end", number=None):
        self.blocks += 1
        self.block(head, lambda: self.statements(number or self.random.randint(1, 3)), tail)
        self.blocks -= 1

    def local(self):
        name = self.fresh("v")
        self.line(f"local {name} = {self.value()}")
        self.scopes[-1].append(name)

    def captured(self):
        name, getter = self.fresh("v"), self.fresh("g")
        self.line(f"local {name} = {self.value()}")
        self.line(f"local function {getter}(n) {name} = n or {name} return {name} end")
        self.line(f"say({getter}({self.value()}), {name})")
        self.scopes[-1].extend([name, f"{getter}()"])

    def assignment(self):
        names = [name for name in self.variables() if name.startswith("v")]
        if len(names) > 1:
            first, second = self.random.sample(names, 2)
            self.line(self.pick([f"{first} = {self.value()}", f"{first}, {second} = {second}, {self.call()}",
                                 f"{first}, {second} = {self.call()}"]))

    def close(self):
        name = self.fresh("x")
        self.line(f"local {name} <close> = {self.closer()}")

    def operation(self):
        first, second = self.fresh("v"), self.fresh("v")
        self.line(f"local {first}, {second} = {self.object()}, {self.object()}")
        other = self.pick(["1", "2.5", second])
        operation = self.pick(OPERATIONS).replace("{o2}", second).replace("{o}", first).replace("{v}", other)
        form = self.random.random()
        if form < 0.4:
            self.line(f"say({operation})")
        elif form < 0.6:
            self.line(f"if {operation} then say('true') else say('false') end")
        elif form < 0.8:
            self.line(f"local _ = {operation}")
        else:
            self.line(f"{first}.{self.pick(['x', 'y'])}, {second}[1] = {operation}, {self.value()}")

    def branch(self):
        if self.blocks < MAX_BLOCKS:
            self.nested(f"if {self.condition()} then")

    def scope(self):
        if self.blocks < MAX_BLOCKS:
            self.nested("do")

    def loop(self, head, tail="end"):
        if self.blocks >= MAX_BLOCKS:
            return
        label = self.fresh("next")
        outer = self.leaves
        self.leaves = outer[-2:] + ["break", f"goto {label}"]

        def body():
            self.line("tick()")
            self.nested("do")
            self.line(f"::{label}::")

        self.block(head, body, tail)
        self.leaves = [leave for leave in outer if leave != "break"] + (["break"] if "break" in outer else [])

    def loop_over(self, step):
        names = self.fresh("k"), self.fresh("k")
        closing = f", nil, nil, {self.closer()}" if self.chance(0.4) else ""
        self.loop(f"for {', '.join(names)} in {step}{closing} do")

    def counted(self):
        self.loop(f"for {self.fresh('i')} = {self.pick(['1, 2', '3, 1, -1', '1.0, 2', '1, 3'])} do")

    def conditional(self):
        self.loop(f"while {self.condition()} and fuel > 0 do")

    def repeated(self):
        name = self.fresh("n")
        self.line(f"local {name} = 0")
        self.loop("repeat", f"{name} = {name} + 1 until {name} >= {self.pick(['1', '2', '3'])}")

    def iterated(self):
        step = self.fresh("s")
        self.line(f"local {step} = {self.pick(['0', '1'])}")
        self.loop_over(f"function(_, c) {step} = {step} + 1 if {step} < 4 then return pass({step}) end end")

    def retried(self):
        if self.blocks >= MAX_BLOCKS:
            return
        label, count = self.fresh("retry"), self.fresh("n")

        def body():
            self.line(f"local {count} = 0")
            self.line(f"::{label}::")
            self.line("tick()")
            self.nested("do")
            self.line(f"{count} = {count} + 1")
            self.line(f"if {count} < 3 then goto {label} end")

        self.block("do", body)

    def leave(self):
        leaves = self.leaves + [f"return {self.arguments()}", f"return {self.call()}"]
        self.line(f"if {self.condition()} then {self.pick(leaves)} end")

    def failure(self):
        value = self.pick(["{ name = 1 }", "nil", repr(self.fresh("e"))])
        self.line(f"if {self.condition()} then error({value}, 0) end")

    def call_statement(self):
        self.line(f"say({self.call()})")

    def nested_handlers(self):
        self.line(f"report(pcall(pcall, {self.pick(['error', 'pass', 'coroutine.yield', 'tick'])}, {self.value()}))")

    # ---- the whole ----

    def drive(self, function):
        self.line("fuel = start")
        self.line(f"say('{function}', pcall({function}, start, 2))")
        self.line("fuel = start")
        self.line(f"say('{function}', drive(start % 7 * {self.random.randint(1, 5)}, {function}, 'once'))")

    def program(self):
        for _ in range(self.random.randint(2, 4)):
            self.budget = 30
            self.declare_function()
        for function in self.functions:
            self.block("for start = 397, 402 do", lambda: self.drive(function))
        return self.text()


STATEMENTS = ["local", "captured", "assignment", "close", "close", "operation", "operation", "operation", "branch", "scope", "counted",
              "conditional", "repeated", "iterated", "retried", "leave", "leave", "failure", "call_statement", "call_statement",
              "nested_handlers", "protected", "protected", "coroutine", "coroutine", "declare_function"]


def generate(seed):
    return ControlProgram(seed).program()


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1])))
