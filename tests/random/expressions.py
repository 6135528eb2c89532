"""Random Lua expressions: the part of generator.py that knows variables in scope and kinds of values."""

from program_text import ProgramText

INTEGERS = ["0", "1", "-1", "2", "3", "7", "-3", "10", "16", "63", "64", "255", "256", "-128", "1000", "65536", "123456789", "maxi", "mini",
            "maxi - 1", "mini + 1", "(1 << 31)", "(1 << 32)", "(1 << 53)", "(1 << 53) + 1", "0x7fffffff", "-0x80000000",
            "0xffffffffffffffff", "9007199254740993"]
FLOATS = ["0.0", "-0.0", "1.0", "-1.0", "0.5", "-0.5", "1.5", "2.0", "3.0", "-2.5", "0.1", "1e15", "1e16", "1e100", "-1e300", "2.0^53", "2.0^63",
          "-(2.0^63)", "5e-324", "huge", "-huge", "(0/0)", "3.7", "255.0", "1e308"]
STRINGS = ['"a"', '"b"', '""', '"abc"', '"10"', '"0x10"', '" 5 "', '"1e2"', '"-7"', '"3.0"', '"x y"', '"Hello"', '"\\0z"', '"%d"', '"zz"']
SMALL = ["0", "1", "2", "3", "4", "5", "-1", "-2", "8"]
FIELDS = ["x", "y", "z", "n", "name", "next", "missing", "count"]

KINDS = ["int", "float", "str", "bool", "arr", "obj", "val"]
NUMERIC = ["int", "float"]


class Variable:
    def __init__(self, name, kind, constant=False):
        self.name, self.kind, self.constant = name, kind, constant


class Expressions(ProgramText):
    """Makes expressions from what is in scope."""

    def __init__(self, seed, prelude):
        super().__init__(seed, prelude)
        self.labels = 0
        self.functions = []       # (name, kinds of parameters) that can be called as statements
        self.loops = 0            # enclosing loops in the current function
        self.breakable = False
        self.in_vararg = False
        self.in_coroutine = False
        self.budget = 0           # statements left in the current function
        self.current = None       # the name of the top-level function that is being written

    # ---- variables ----

    def declare(self, name, kind, constant=False):
        self.scopes[-1].append(Variable(name, kind, constant))

    def variables(self, kind=None, assignable=False):
        found = {}
        for scope in self.scopes:
            for variable in scope:
                found[variable.name] = variable
        return [v for v in found.values() if (kind is None or v.kind == kind) and not (assignable and v.constant)]

    def variable(self, kind, assignable=False):
        # The innermost variables are used most.
        choices = self.variables(kind, assignable)
        if not choices:
            return None
        return self.pick(choices[-4:] if self.chance(0.6) else choices)

    # ---- expressions ----

    def kind(self):
        return self.random.choices(KINDS, [30, 22, 16, 10, 8, 8, 6])[0]

    def expression(self, kind, depth=0):
        """Source of an expression that mostly gives a value of this kind."""
        if kind == "num":
            kind = self.pick(NUMERIC)
        if self.chance(0.012):
            kind = self.pick(KINDS + ["nil", "function"])
        if kind == "nil":
            return "nil"
        if kind == "function":
            return self.pick(["show", "print", "math.floor", "(function() return 1 end)"])
        variable = self.variable(kind)
        if variable and self.chance(0.5 if depth < 2 else 0.75):
            return variable.name
        if depth >= 3:
            return self.atom(kind)
        return getattr(self, "make_" + kind)(depth)

    def atom(self, kind):
        variable = self.variable(kind)
        if variable and self.chance(0.7):
            return variable.name
        if kind == "int":
            return self.pick(SMALL if self.chance(0.6) else INTEGERS)
        if kind == "float":
            return self.pick(FLOATS)
        if kind == "str":
            return self.pick(STRINGS)
        if kind == "bool":
            return self.pick(["true", "false", "nil"])
        if kind == "arr":
            return self.pick(["{}", "{ 1, 2, 3 }", "{ 1.5, 2 }", "shared"])
        if kind == "obj":
            return self.pick(["{ x = 1 }", "{ x = 1, y = 2.5 }", "{ name = \"o\" }", "record"])
        return self.pick(["new(1)", "new(2.5)", "newW(3)", "new(-4)"])

    def binary(self, left, operator, right):
        # The reference compiles x - 0 as x + 0, which gives 0.0 for -0.0.
        if operator == "-" and right == "0":
            right = "1"
        return f"({left} {operator} {right})"

    def small(self, depth):
        return self.pick(SMALL) if self.chance(0.6) else f"({self.expression('int', depth + 1)}) & 7"

    def make_int(self, depth):
        e = lambda kind="int": self.expression(kind, depth + 1)
        form = self.random.randrange(19)
        if form < 5:
            return self.binary(e(), self.pick(["+", "-", "*"]), e())
        if form == 5:
            return f"({e()} {self.pick(['//', '%'])} {self.pick(['3', '-7', '16', e(), '(' + e() + ' | 1)'])})"
        if form == 6:
            return f"({e()} {self.pick(['&', '|', '~'])} {e()})"
        if form == 7:
            return f"({e()} {self.pick(['<<', '>>'])} {self.small(depth)})"
        if form == 8:
            return self.pick([f"(- {e()})", f"(~{e()})", f"-({e()})"])
        if form == 9:
            return f"#{self.atom('str')}" if self.chance(0.5) else f"#({e('str')})"
        if form == 10:
            array = self.variable("arr")
            return f"({array.name}[{self.small(depth)}] or {e()})" if array else self.atom("int")
        if form == 11:
            record = self.variable("obj")
            return f"({record.name}.{self.pick(FIELDS[:3])} or {e()})" if record else self.atom("int")
        if form == 12:
            return f"({e('bool')} and {e()} or {e()})"
        if form == 13:
            return self.pick([f"math.max({e()}, {e()})", f"math.min({e()}, {e()})", f"math.abs({e()})", f"(math.tointeger({e('float')}) or {e()})",
                              f"math.floor({self.pick(['1.5', '-2.5', '3.0', '1e10'])})"])
        if form == 14:
            return f"(({e('str')}):byte({self.small(depth)}) or 0)"
        if form == 15:
            return f"raw(({e('val')}):get())" if self.chance(0.5) else f"raw({e('val')})"
        if form == 16:
            return f"(tonumber({e('str')}) or {e()})"
        if form == 17 and self.in_vararg:
            return self.pick(["select('#', ...)", "((...) or 1)"])
        return self.atom("int")

    def make_float(self, depth):
        e = lambda kind="float": self.expression(kind, depth + 1)
        form = self.random.randrange(12)
        if form < 4:
            return self.binary(e(), self.pick(["+", "-", "*"]), e(self.pick(NUMERIC)))
        if form == 4:
            return f"({e('num')} / {e('num')})"
        if form == 5:
            return f"({e()} {self.pick(['//', '%'])} {e('num')})"
        if form == 6:
            return f"({e('num')} ^ {self.pick(['2', '0.5', '-1', '3'])})"
        if form == 7:
            return f"(- {e()})"
        if form == 8:
            return f"({e('bool')} and {e()} or {e('int')})"
        if form == 9:
            return self.pick([f"math.max({e()}, {e('num')})", f"math.fmod({e()}, 3.5)", f"(({e()}) + 0.0)", f"math.floor({e()})"])
        if form == 10:
            return f"({e('int')} * {self.pick(['0.5', '1.0', '2.5', '1e3'])})"
        return self.atom("float")

    def make_str(self, depth):
        e = lambda kind="str": self.expression(kind, depth + 1)
        form = self.random.randrange(11)
        if form < 3:
            return f"cap({e()} .. {e(self.pick(['str', 'int', 'int']))})"
        if form == 3:
            return f"({e()}):sub({self.small(depth)}, {self.small(depth)})"
        if form == 4:
            return f"cap({e()}):{self.pick(['upper', 'lower', 'reverse'])}()"
        if form == 5:
            return f"str({e(self.pick(['int', 'bool', 'str']))})"
        if form == 6:
            return self.pick([f'string.format("%d|%s", {e("int")}, cap(str({e()})))', f'string.format("%5.2f", {self.pick(["1.25", "-3.5", "1e3"])})',
                              f'string.format("%x", {e("int")})'])
        if form == 7:
            return self.pick([f'cap(({e()}):gsub("%a", "<%0>", 3))', f'(({e()}):match("%d+") or {e()})', f'cap(({e()}):rep(({e("int")}) & 3))',
                              f'cap(table.concat({{ {e("int")}, {e()}, {e("int")} }}, {e()}))', f'(({e()}):find({e()}, 1, true) and {e()} or {e()})'])
        if form == 8:
            return f"({e('bool')} and {e()} or {e()})"
        if form == 9:
            return f"cap(str({e('int')}) .. \",\" .. str({e()}) .. str({e('int')}))"
        return self.atom("str")

    def make_bool(self, depth):
        e = lambda kind: self.expression(kind, depth + 1)
        form = self.random.randrange(11)
        if form < 3:
            kinds = self.pick([("num", "num"), ("int", "int"), ("float", "int"), ("str", "str"), ("int", "float"), ("val", "val"), ("val", "int")])
            return f"({e(kinds[0])} {self.pick(['<', '<=', '>', '>='])} {e(kinds[1])})"
        if form < 5:
            kinds = self.pick([("num", "num"), ("str", "str"), ("bool", "bool"), ("int", "str"), ("val", "val"), ("obj", "bool"), ("int", "float")])
            return f"({e(kinds[0])} {self.pick(['==', '~='])} {e(kinds[1])})"
        if form == 5:
            return f"(not {e(self.pick(['bool', 'int', 'bool']))})"
        if form == 6:
            return f"({e('bool')} {self.pick(['and', 'or'])} {e('bool')})"
        if form == 7:
            array = self.variable("arr")
            return f"({array.name}[{self.small(depth)}] ~= nil)" if array else self.atom("bool")
        if form == 8:
            return f"({e('num')} {self.pick(['<', '<=', '>', '>=', '==', '~='])} {self.pick(INTEGERS + FLOATS)})"
        if form == 9:
            return self.pick([f"({self.pick(SMALL)} {self.pick(['<', '<=', '>', '>='])} {e('num')})", f"({e('str')} {self.pick(['==', '~='])} {self.pick(STRINGS)})",
                              f"({e(self.kind())} {self.pick(['==', '~='])} {self.pick(['nil', 'true', 'false'])})"])
        return self.atom("bool")

    def make_arr(self, depth):
        e = lambda kind: self.expression(kind, depth + 1)
        form = self.random.randrange(6)
        if form < 3:
            return "{ " + ", ".join(e(self.pick(NUMERIC)) for _ in range(self.random.randrange(5))) + " }"
        if form == 3 and self.in_vararg:
            return self.pick(["{ ... }", "{ 0, ... }", "table.pack(...)"])
        if form == 4:
            return f"{{ [{self.pick(['1', '2', '1.0', '4', '-1', '0'])}] = {e('num')}, {e('num')} }}"
        return self.atom("arr")

    def make_obj(self, depth):
        e = lambda kind: self.expression(kind, depth + 1)
        if self.chance(0.7):
            fields = [f"{name} = {e(self.pick(['int', 'float', 'str', 'bool']))}" for name in self.random.sample(FIELDS, self.random.randrange(1, 5))]
            return "{ " + ", ".join(fields) + " }"
        return self.atom("obj")

    def make_val(self, depth):
        e = lambda kind: self.expression(kind, depth + 1)
        form = self.random.randrange(7)
        if form < 2:
            return f"{self.pick(['new', 'newW', 'new'])}({e('num')})"
        if form < 5:
            left, right = self.pick([("val", "num"), ("num", "val"), ("val", "val")])
            return f"({e(left)} {self.pick(['+', '-', '*', '/', '%', '//', '&', '<<'])} {e(right)})"
        if form == 5:
            return f"{self.pick(['new', 'newW'])}({e('int')}):plus({e('num')})"
        return self.atom("val")

    def operand(self, *likely):
        """An expression that can stand before a dot, a bracket or a call; of one of the likely kinds, mostly."""
        text = self.expression(self.pick(likely) if self.chance(0.6) else self.kind())
        return text if text.isidentifier() and text not in ("nil", "true", "false") else f"({text})"

    def condition(self):
        return self.expression("bool" if self.chance(0.9) else self.kind())
