#!/usr/bin/env python3
"""Writes a random Lua program about the debug library for a seed: `debug_programs.py SEED`.

Nested functions with variables, extra arguments, upvalues and loops call each other in every way there is (tail calls,
metamethods, iterators, coroutines, callbacks of library functions, message handlers). Here and there a program looks at all
levels of the stack, at variables, upvalues and tracebacks, sets variables, and calls functions under hooks; debug_prelude.lua
has the functions that print what is seen. Errors are caught at the end at the latest.

The programs keep away from what docs/differences.md lists for debuggers and from what releases of Lua 5.4 differ in: which
variables are in scope while they are closed, and the line of a division by zero.
"""

import re
import sys
from pathlib import Path

from program_text import ProgramText

PRELUDE = (Path(__file__).resolve().parent / "debug_prelude.lua").read_text()
MAX_DEPTH = 3  # of functions within each other
MAX_LOOPS = 2  # around a statement

OPTIONS = ["", "", "", ', "nSlutfrL"', ', "n"', ', "t"', ', "u"', ', "r"', ', "S"', ', "l"', ', "f"']
TRACES = ["", ', "m"', ', "m", 1', ', "m", 2', ', "m", 0', ", nil", ", 12", ", {}", ", nil, 2", ', "x", 3', ', "x", 50']
NAMES = ["=name", "@file.lua", "a text", "two\\nlines", "=" + "n" * 70, "@" + "d/" * 40, "x" * 80]
# An event, how many parameters its metamethod has, and an expression that calls it.
EVENTS = [("__add", 2, "o + 1"), ("__add", 2, "1 + o"), ("__index", 2, "o.k"), ("__index", 2, "o[1]"), ("__index", 2, "o:k()"),
          ("__call", 2, "o(2)"), ("__concat", 2, "o .. 'x'"), ("__lt", 2, "o < 1"), ("__lt", 2, "o > 1"), ("__le", 2, "o <= o"),
          ("__len", 1, "#o"), ("__unm", 1, "-o"), ("__bnot", 1, "~o"), ("__tostring", 1, "tostring(o)"), ("__band", 2, "o & 1"),
          ("__idiv", 2, "o // 1"), ("__shl", 2, "1 << o"), ("__pairs", 1, "pairs(o)"), ("__mod", 2, "o % 2")]
FAILURES = ["error('e')", "error('e', 2)", "error({})", "local _ = nil + 1", "local _ = undefined.x", "undefinedFunction()",
            "Class.nothing()", "new(1):nothing()", "local _ = #5", "local _ = {} .. 'x'", "local _ = 1 < {}", "error(nil)",
            "string.rep()", "('x'):rep({})", "local _ = 2^53 | 1.5", "local _ = -{}"]
# Expressions over several lines; %s is a value.
SPREAD = [["{", "  %s,", "  %s", "}"], ["{ %s,", "  a = %s }"], ["%s", "  == %s"], ["not", "  %s"], ["(%s)", "  and %s", "  or %s"],
          ["'a'", "  .. 1", "  .. 'b'"]]


class DebugProgram(ProgramText):
    def __init__(self, seed):
        super().__init__(seed, PRELUDE)
        self.functions = []  # what can be called, and with how many arguments
        self.depth = 0
        self.loops = 0
        self.has_varargs = True

    # ---- values ----

    def variables(self):
        return [name for scope in self.scopes for name in scope]

    def value(self, depth=0):
        kind = self.random.random()
        variables = self.variables()
        if variables and kind < 0.4:
            return self.pick(variables)
        if kind < 0.75:
            return self.pick(["0", "7", "20", '"s"', "nil", "true", "1.5", "-3"])
        if kind < 0.8 and self.has_varargs:
            return "(...)"
        if kind < 0.88 and depth < 2:
            return "{%s}" % ", ".join(self.value(depth + 1) for _ in range(self.random.randint(0, 3)))
        if self.functions and depth < 2:
            return self.call(depth + 1)
        return str(self.random.randint(0, 99))

    def condition(self):
        return self.pick(self.variables() + ["quiet", "not quiet", "count < 0", "count >= 0"])

    def call(self, depth=0):
        function, arity = self.pick(self.functions)
        arguments = [self.value(depth + 1) for _ in range(max(0, arity + self.pick([0, 0, 0, -1, 1])))]
        if self.has_varargs and self.chance(0.15):
            arguments.append("...")
        return f"{function}({', '.join(arguments)})"

    # ---- functions ----

    def body(self, parameters, has_varargs):
        outer = self.has_varargs, self.loops
        self.has_varargs, self.loops = has_varargs, 0
        self.depth += 1
        self.scopes[-1].extend(parameters)
        self.statements(self.random.randint(1, 4))
        if self.chance(0.7):
            is_tail_call = self.functions and self.chance(0.4)
            values = [self.call()] if is_tail_call else [self.value() for _ in range(self.random.randint(0, 3))]
            self.line("return " + ", ".join(values))
        self.depth -= 1
        self.has_varargs, self.loops = outer

    def function(self, head, tail="end", parameter_count=None, callables=None):
        """A function whose text begins with `head` and "(...)"; the number of its parameters."""
        if parameter_count is None:
            parameter_count = self.random.randint(0, 3)
        has_varargs = self.chance(0.3)
        parameters = [self.fresh("p") for _ in range(parameter_count)]
        outer = self.functions
        self.functions = list(outer if callables is None else callables)
        texts = parameters + (["..."] if has_varargs else [])
        self.block(f"{head}({', '.join(texts)})", lambda: self.body(parameters, has_varargs), tail)
        self.functions = outer
        return parameter_count

    def declare_function(self):
        if self.depth > MAX_DEPTH:
            return
        name = self.fresh("f")
        forms = [("local function " + name, name), (f"local {name} = function", name), ("function Global" + name, "Global" + name)]
        if self.depth == 1:
            forms += [("function Class." + name, "Class." + name), ("function Class:" + name, "new(1):" + name)]
        head, callee = self.pick(forms)
        self.functions = self.functions + [(callee, self.function(head))]

    # ---- statements ----

    def statements(self, number):
        for _ in range(number):
            if self.chance(0.35):
                self.probe()
            getattr(self, self.pick(STATEMENTS))()

    def probe(self):
        if self.chance(0.75):
            self.line(f"look({self.fresh('')}{self.pick(OPTIONS)})")
        else:
            self.line(f"trace({self.fresh('')}{self.pick(TRACES)})")

    def local(self):
        names = [self.fresh("v") for _ in range(self.random.randint(1, 3))]
        values = [self.value() for _ in range(self.random.randint(1, 3))]
        self.line(f"local {', '.join(names)} = {', '.join(values)}")
        self.scopes[-1].extend(names)

    def spread(self):
        name = self.fresh("v")
        lines = [text.replace("%s", self.pick(self.variables() + ["1", "nil"])) for text in self.pick(SPREAD)]
        self.line(f"local {name} = {lines[0]}")
        for text in lines[1:]:
            self.line(text)
        self.scopes[-1].append(name)

    def assignment(self):
        names = [name for name in self.variables() if name.startswith("v")]
        if names:
            self.line(f"{self.pick(names)} = {self.value()}")

    def call_statement(self):
        if self.functions:
            self.line(self.call())

    def spread_call(self):
        if not self.functions:
            return
        function, arity = self.pick(self.functions)
        name = self.fresh("v")
        self.line(f"local {name} = {function}(")
        for _ in range(arity):
            self.line(f"  {self.value()},")
        self.line("  1)")
        self.scopes[-1].append(name)

    def conditional(self):
        self.block(f"if {self.condition()} then", lambda: self.statements(self.random.randint(1, 2)), "else")
        self.output.pop()
        if self.chance(0.5):
            self.block("else", lambda: self.statements(1))
        else:
            self.line("end")

    def loop(self):
        if self.loops >= MAX_LOOPS:
            return
        self.loops += 1
        name = self.fresh("i")
        leave = self.pick(["", "", "", "break", f"goto next{name}"])
        form = self.pick(["while", "repeat", "numeric", "generic", "goto", "iterator"])

        def skipped():
            if self.chance(0.5):
                self.line(f"if {self.condition()} then {leave} end")
            else:
                self.block(f"if {self.condition()} then", lambda: self.line(leave))
            self.statements(self.random.randint(0, 2))
            self.line("count = count + 0")

        def turn():
            if leave == "":
                self.statements(self.random.randint(0, 2))
                return
            # A block, so that no label is jumped to over a local of its scope.
            self.block("do", skipped)
            if leave != "break":
                self.line(f"::next{name}::")

        def counted():
            self.line(f"{name} = {name} + 1")
            turn()

        def bound():
            self.scopes[-1].append(name)
            turn()

        def labelled():
            self.line(f"::label{name}::")
            self.block("do", lambda: self.statements(1))
            self.line(f"{name} = {name} + 1")
            self.line(f"if {name} < 2 then goto label{name} end")

        if form in ("while", "repeat", "goto"):
            self.line(f"local {name} = 0")
            self.scopes[-1].append(name)
        if form == "while":
            self.block(f"while {name} < {self.random.randint(1, 3)} do", counted)
        elif form == "repeat":
            self.block("repeat", counted, f"until {name} >= {self.random.randint(1, 3)}")
        elif form == "goto":
            self.block("do", labelled)
        elif form == "numeric":
            self.block(f"for {name} = {self.pick(['1, 2', '3, 1, -1', '1.0, 2', '1, 0', '1, 3, 2'])} do", bound)
        elif form == "generic":
            self.block(f"for {name} in ipairs({{1, 2}}) do", bound)
        else:
            step = self.fresh("v")
            self.block(f"local function {step}(s, c)", lambda: (self.probe(), self.line("if c < 2 then return c + 1 end")))
            self.block(f"for {name} in {step}, {self.value()}, 0 do", bound)
        self.loops -= 1

    def scope(self):
        self.block("do", lambda: self.statements(self.random.randint(1, 2)))

    def closing(self):
        def body():
            name = self.fresh("x")
            self.block(f"local {name} <close> = setmetatable({{}}, {{ __close = function()",
                       lambda: self.line("count = count + 1"), "end })")
            self.line("local _ = count")

        self.block("do", body)

    def failure(self):
        self.block(f"if {self.condition()} then", lambda: self.line(self.pick(FAILURES)))

    def protected(self):
        if self.depth > MAX_DEPTH:
            return
        if self.chance(0.5):
            self.function("report(pcall(function", f"end, {self.value()}))", 1)
        else:
            self.function("report(xpcall(function", f"end, {self.pick(['handler', 'debug.traceback'])}, {self.value()}))", 1)

    def coroutine(self):
        if self.depth > MAX_DEPTH:
            return
        if self.chance(0.3):
            self.function("report(pcall(coroutine.wrap(function", "end), 1))", 1)
            return
        name = self.fresh("c")
        step = self.fresh("f")
        self.function(f"local function {step}", parameter_count=1)
        self.block(f"local {name} = coroutine.create(function(...)",
                   lambda: self.line(f"coroutine.yield({step}(...))"), "end)")
        for _ in range(self.random.randint(1, 2)):
            self.line(f"report(coroutine.resume({name}, 1))")
            self.line(f"lookAtThread({name})")

    def metamethod(self):
        if self.depth > MAX_DEPTH:
            return
        event, parameter_count, expression = self.pick(EVENTS)
        name = self.fresh("o")
        self.function(f"local {name} = setmetatable({{}}, {{ {event} = function", "end })", parameter_count)
        expression = re.sub(r"\bo\b", name, expression)
        self.line(f"report(pcall(function() {self.pick(['local x = ' + expression + ' return x', 'return ' + expression])} end))")

    def callback(self):
        if self.depth > MAX_DEPTH:
            return
        head, count = self.pick([("table.sort, { 3, 1 }, ", 2), ("string.gsub, 'ab', '%a', ", 1)])
        self.function(f"report(pcall({head}function", "end))", count, callables=[])

    def loaded(self):
        name = self.fresh("chunk")
        code = f"local a, b = ... look({self.fresh('')}) return a"
        self.line(f'local {name} = load("{code}", "{self.pick(NAMES)}", "t", {{ look = look }})')
        self.line(f"{name}({self.value()})")

    def set_variable(self):
        names = [name for name in self.scopes[-1] if name.startswith("v")]
        if names:
            name = self.pick(names)
            self.line(f'report(setLocal("{name}", 5), {name})')
        if self.has_varargs:
            self.line("report(debug.setlocal(1, -1, 'changed'), (...))")

    def show_upvalues(self):
        plain = [function for function, _ in self.functions if ":" not in function]
        if plain:
            self.line(f"upvalues({self.pick(plain)})")

    def hooked_call(self):
        plain = [(function, arity) for function, arity in self.functions if ":" not in function]
        if plain and self.depth == 1:
            function, arity = self.pick(plain)
            arguments = [f'"{self.pick(["l", "cr", "crl", "c", "r", "lr"])}"', function] + [self.value() for _ in range(arity)]
            self.line(f"hooked({', '.join(arguments)})")

    # ---- the whole ----

    def main(self):
        self.depth = 1
        self.line("local Class = { __name = 'Class' }")
        self.line("Class.__index = Class")
        self.line("local function new(x) return setmetatable({ x = x }, Class) end")
        self.statements(3)
        for _ in range(self.random.randint(2, 5)):
            self.declare_function()
            self.hooked_call()
            self.statements(self.random.randint(1, 3))
        for _ in range(3):
            self.hooked_call()
        self.line('look("end")')

    def program(self):
        self.block("report(xpcall(function(...)", self.main, "end, handler, 1, 2))")
        return self.text()


STATEMENTS = ["local", "local", "spread", "assignment", "call_statement", "call_statement", "spread_call", "conditional", "loop",
              "loop", "loop", "scope", "closing", "failure", "protected", "protected", "coroutine", "metamethod", "metamethod",
              "callback", "loaded", "set_variable", "show_upvalues", "declare_function"]


def generate(seed):
    return DebugProgram(seed).program()


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1])))
