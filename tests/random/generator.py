#!/usr/bin/env python3
"""Writes a random Lua program for a seed: `generator.py SEED`.

The programs end, are deterministic, and print only what the manual defines (or what the reference does and programs rely
on, such as the text of error messages): no order of traversal, no addresses, no length of a table with holes.

A program is a few functions over shared variables and tables, then a main part that calls each many times, so that they
get hot, with arguments of mostly one kind and now and then of others. Expressions are made for a wanted kind of value,
with edge values among the constants, and with a small probability of a value of some other kind, so that operators meet
what they refuse; such errors are caught near where they arise, and their messages are printed.

Generated code keeps away from what is unspecified: a call that may assign to a variable in scope is always a statement of
its own, so that no expression depends on when its operands are read. It also keeps away from known faults of the reference
(5.4.4): a comparison as index of an upvalue, `x - 0` for a negative zero, metamethods within a longer chain of
concatenations, nests of 200 metamethod calls.
"""

import sys
from pathlib import Path

from expressions import INTEGERS, SMALL
from statements import Statements

PRELUDE = (Path(__file__).resolve().parent / "prelude.lua").read_text()


class Generator(Statements):
    """A whole program: functions, the calls that make them hot, and kernels of arithmetic."""

    def function(self):
        name = self.fresh("fun")
        kinds = [self.kind() for _ in range(self.pick([1, 2, 2, 3]))]
        parameters = [(self.fresh("a"), kind) for kind in kinds]
        vararg = self.chance(0.3)
        names = ", ".join(p for p, _ in parameters) + (", ..." if vararg else "")
        self.current = name
        self.budget = self.pick([6, 10, 16, 24])

        def body():
            self.line("calls = calls + 1")
            results = [self.kind() for _ in range(self.pick([1, 1, 2]))]
            self.function_body(parameters, 24, results, vararg)

        self.block(f"local function {name}({names})", body)
        self.current = None
        self.functions.append((name, kinds))

    def program(self):
        self.line("local calls = 0")
        self.line("local stored = {}")
        for kind, initial in (("int", "1"), ("float", "0.5"), ("str", '"s"'), ("bool", "true"), ("val", "new(1)")):
            name = f"shared_{kind}"
            self.line(f"local {name} = {initial}")
            self.declare(name, kind)
        self.line("local shared = { 1, 2, 3 }")
        self.line("local record = { x = 1, y = 2.5, name = \"r\" }")
        self.declare("shared", "arr")
        self.declare("record", "obj")
        if self.chance(0.5):
            for kind in ("int", "float"):
                self.line(f"global_{kind} = {self.atom(kind)}")
                self.declare(f"global_{kind}", kind)
        for _ in range(self.pick([2, 3, 3, 4])):
            self.function()
        for name, kinds in self.functions:
            self.drive(name, kinds)
        for _ in range(self.pick([0, 1, 2])):
            self.kernel()
        self.line('dump("shared", shared)')
        self.line('dump("record", record)')
        self.line('out("end", shared_int, shared_float, shared_str, shared_bool, calls)')
        return self.text()

    def kernel(self):
        """A function of straight-line arithmetic over many variables in nested loops, as compiled code keeps them in
        registers; called with integers, floats, mixtures, numeric strings and objects."""
        name, helper = self.fresh("kernel"), self.fresh("helper")
        count = self.pick([3, 4, 6, 9])
        names = [self.fresh("x") for _ in range(count)]
        parameters = names[:3]
        index, inner, array = self.fresh("i"), self.fresh("j"), self.fresh("t")
        pick = self.pick

        def operand():
            return pick(names + names + [index, pick(SMALL), pick(["0.5", "2.0", "1", "2", "3", "0.25", "-1.5", "10"])])

        def arithmetic(depth=0):
            left = arithmetic(depth + 1) if depth < 2 and self.chance(0.3) else operand()
            right = arithmetic(depth + 1) if depth < 2 and self.chance(0.3) else operand()
            form = self.random.randrange(16)
            if form < 12:
                return self.binary(left, pick(["+", "-", "*", "+", "-", "*", "/"]), right)
            if form == 12:
                return f"({left} % {pick(['7', '3.5', '-4', '16'])})"
            if form == 13:
                return f"({left} // {pick(['3', '2.0', '-2'])})"
            if form == 14:
                return f"(- {left})"
            return pick([f"{helper}({left})", f"({array}[{index} & 7] or {left})", f"({left} ^ 2)", f"({left} < {right} and {left} or {right})"])

        def store():
            target = pick(names)
            form = self.random.randrange(12)
            if form < 7:
                self.line(f"{target} = {arithmetic()}")
            elif form == 7:
                other = pick(names)
                self.line(f"{target}, {other} = {other}, {target}")
            elif form == 8:
                self.line(f"{array}[{index} & 7] = {target}")
            elif form == 9:
                self.line(f"if {operand()} {pick(['<', '<=', '>', '>=', '==', '~='])} {operand()} then {target} = {arithmetic(1)} else {pick(names)} = {arithmetic(1)} end")
            elif form == 10:
                self.line(f"if {operand()} {pick(['<', '>', '<=', '>='])} {pick(['100', '1e6', '-50.5', '0'])} then {target} = {pick(['1', '0.5', index, '-3'])} end")
            else:
                self.line(f"if {target} {pick(['>', '<'])} 1e12 then {target} = {target} / 1e10 elseif {target} ~= {target} then {target} = {pick(['1', '2.5'])} end")

        self.line(f"local function {helper}(v) return v {pick(['+ 1', '* 0.5', '- 3', '* v', '+ 0.25'])} end")
        self.line(f"local function {name}({', '.join(parameters)})")
        self.indent += 1
        for variable in names[3:]:
            self.line(f"local {variable} = {pick(['0', '1', '0.5', '2', '-1.5'] + parameters)}")
        self.line(f"local {array} = {{ {', '.join(pick(SMALL + ['0.5', '2.5']) for _ in range(7))} }}")
        self.line(f"for {index} = 1, {pick(['20', '60', '150'])} do")
        self.indent += 1
        for _ in range(pick([2, 4, 7, 12])):
            store()
        if self.chance(0.4):
            self.line(f"for {inner} = {pick(['1, 4', '3, 1, -1', '1.0, 3.0', f'{index}, {index} + 2'])} do")
            self.indent += 1
            for _ in range(pick([1, 2, 3])):
                store()
            self.line(f"{pick(names)} = {pick(names)} + {inner}")
            if self.chance(0.3):
                self.line(f"if {pick(names)} > {operand()} then break end")
            self.indent -= 1
            self.line("end")
        if self.chance(0.4):
            self.line(f"local {inner} = 0")
            self.line(f"while {inner} < {pick(['3', '5.5'])} do")
            self.indent += 1
            self.line(f"{inner} = {inner} + {pick(['1', '0.75'])}")
            store()
            self.indent -= 1
            self.line("end")
        self.indent -= 1
        self.line("end")
        self.line(f"return {', '.join(names)}")
        self.indent -= 1
        self.line("end")
        arguments = ["1, 2, 3", "1.5, 2.5, -0.5", "7, 0.25, 3", "turn, -turn, turn + 0.5", "0, 0.0, -0.0", "maxi, 1, mini", "huge, 1, 2", '"10", 2, "0.5"',
                     "new(2), 1, 2", "1e300, 1e-300, 2", "nil, 1, 2", "1 << 53, 3, 2.0^53"]
        chosen = self.random.sample(arguments, 6)
        self.block("for turn = 1, 4 do", lambda: [self.line(f'attempt("{name}", {name}, {values})') for values in chosen])

    def drive(self, name, kinds):
        """Calls a function hot with steady kinds of arguments, then with edge values and with others."""
        hot = []
        for kind in kinds:
            hot.append({"int": "turn", "float": "turn + 0.5", "str": "tostring(turn)", "bool": "turn % 3 == 0", "arr": "{ turn, turn + 1 }",
                        "obj": "{ x = turn, y = -turn }", "val": "new(turn)"}[kind])
        turns = self.pick([30, 60, 120, 250, 1000])
        self.line("calls = 0")
        self.block(f"for turn = 1, {turns} do", lambda: self.drive_turn(name, ", ".join(hot), turns))
        for _ in range(self.pick([3, 5])):
            arguments = [self.expression(kind if self.chance(0.6) else self.kind(), 2) for kind in kinds]
            if self.chance(0.2):
                arguments.append(self.pick(INTEGERS))
            if self.chance(0.1):
                arguments.pop()
            self.line("calls = 0")
            self.line(f'attempt("{name}", function() return {name}({", ".join(arguments)}) end)')

    def drive_turn(self, name, arguments, turns):
        self.line("calls = 0")
        self.line(f"local result = table.pack(pcall({name}, {arguments}))")
        self.line(f"if turn <= 3 or turn % {max(1, turns // 4)} == 0 then out(\"{name}\", turn, table.unpack(result, 1, result.n)) end")


def generate(seed):
    return Generator(seed, PRELUDE).program()


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
