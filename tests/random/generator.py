#!/usr/bin/env python3
"""Writes a random Lua program for a seed: `generator.py SEED`.

The programs end, are deterministic, and print only what the manual defines (or what the reference does and programs rely
on, such as the text of error messages): no order of traversal, no addresses, no length of a table with holes.

A program is a few functions over shared variables and tables, then a main part that calls each many times, so that they
get hot, with arguments of mostly one kind and now and then of others. Expressions are made for a wanted kind of value,
with edge values among the constants, and with a small probability of a value of some other kind, so that operators meet
what they refuse; such errors are caught near where they arise, and their messages are printed.

Generated code keeps away from what is unspecified: a call that may assign to a variable in scope is always a statement of
its own, so that no expression depends on when its operands are read.
"""

import random
import sys

PRELUDE = r"""
local mini, maxi, huge = math.mininteger, math.maxinteger, math.huge
local lines = 0
local function show(v)
  local kind = type(v)
  if v ~= v then return "nan" end
  if math.type(v) == "float" and v % 1 ~= 0 then return string.format("%.17g", v) end
  if kind == "table" then
    local mt = getmetatable(v)
    return mt and mt.__name and "<" .. mt.__name .. ">" or "table"
  end
  if kind == "string" and v:find("stack overflow", 1, true) then return "(stack overflow)" end
  if kind == "string" and #v > 80 then return v:sub(1, 80) .. "..." .. #v end
  return (kind == "function" or kind == "thread" or kind == "userdata") and kind or tostring(v)
end
local function str(v)
  if type(v) == "table" or type(v) == "function" then return show(v) end
  return tostring(v)
end
local function out(label, ...)
  lines = lines + 1
  if lines > 3000 then return end
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = show(parts[i]) end
  print(label, table.concat(parts, " "))
end
local function attempt(label, f, ...)
  out(label, pcall(f, ...))
end
local function rank(k)
  return type(k) == "number" and 1 or type(k) == "string" and 2 or 3
end
local function sortedKeys(t)
  local keys = {}
  for k in pairs(t) do if type(k) == "number" or type(k) == "string" or type(k) == "boolean" then keys[#keys + 1] = k end end
  table.sort(keys, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    if type(a) == "boolean" then return not a and b end
    return a < b
  end)
  return keys
end
local function dump(label, t, depth)
  if type(t) ~= "table" then return out(label, t) end
  local parts = {}
  for _, k in ipairs(sortedKeys(t)) do
    if #parts < 40 then parts[#parts + 1] = show(k) .. "=" .. show(rawget(t, k)) end
  end
  out(label, "{" .. table.concat(parts, ",") .. "}")
end
local function border(t)
  local n = #t
  return (n == 0 or t[n] ~= nil) and t[n + 1] == nil
end
local function size(t)
  local n = 0
  while rawget(t, n + 1) ~= nil do n = n + 1 end
  for k in pairs(t) do
    if math.type(k) == "integer" and k > n then return n end
  end
  return #t
end
local function proper(t)
  local n = size(t)
  for k in pairs(t) do
    if math.type(k) == "integer" and k > n then return false end
  end
  return n < 50
end
local function integer(v)
  return math.type(v) == "integer" and v or 0
end
local function cap(s)
  return type(s) == "string" and #s > 60 and s:sub(-60) or s
end
local V = { __name = "V" }
V.__index = V
local function raw(v)
  for _ = 1, 5 do
    if getmetatable(v) ~= V then return v end
    v = rawget(v, "n")
  end
  return 0
end
local function new(n) return setmetatable({ n = raw(n) }, V) end
V.__add = function(a, b) return new(raw(a) + raw(b)) end
V.__sub = function(a, b) return new(raw(a) - raw(b)) end
V.__mul = function(a, b) return new(raw(a) * raw(b)) end
V.__div = function(a, b) return new(raw(a) / raw(b)) end
V.__mod = function(a, b) return new(raw(a) % raw(b)) end
V.__idiv = function(a, b) return new(raw(a) // raw(b)) end
V.__band = function(a, b) return new(raw(a) & raw(b)) end
V.__shl = function(a, b) return new(raw(a) << raw(b)) end
V.__unm = function(a) return new(-a.n) end
V.__len = function(a) return a.n end
V.__eq = function(a, b) return a.n == b.n end
V.__lt = function(a, b) return raw(a) < raw(b) end
V.__le = function(a, b) return raw(a) <= raw(b) end
V.__concat = function(a, b) return "V" .. cap(show(raw(a)) .. show(raw(b))) end
V.__call = function(self, x, y) return self.n, x, y end
V.__tostring = function(a) return "V" .. show(a.n) end
V.__close = function(self, e) out("close", self.n, e) end
function V:get() return self.n end
function V:plus(x) return new(self.n + x) end
local W = setmetatable({ __name = "W" }, { __index = V })
W.__index = function(t, k) if k == "missing" then return nil end return W[k] or k end
W.__newindex = function(t, k, v) rawset(t, k, v == 13 and "thirteen" or v) end
function W:get() return -self.n end
local function newW(n) return setmetatable({ n = n }, W) end
"""

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


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.output = []
        self.indent = 0
        self.names = 0
        self.labels = 0
        self.scopes = [[]]
        self.functions = []       # (name, kinds of parameters) that can be called as statements
        self.loops = 0            # enclosing loops in the current function
        self.breakable = False
        self.in_vararg = False
        self.in_coroutine = False
        self.budget = 0           # statements left in the current function

    # ---- helpers ----

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, items):
        return self.random.choice(items)

    def line(self, text):
        self.output.append("  " * self.indent + text)

    def fresh(self, prefix="v"):
        self.names += 1
        return f"{prefix}{self.names}"

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

    def block(self, opening, body, closing="end"):
        self.line(opening)
        self.indent += 1
        self.scopes.append([])
        body()
        self.scopes.pop()
        self.indent -= 1
        self.line(closing)

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

    def small(self, depth):
        return self.pick(SMALL) if self.chance(0.6) else f"({self.expression('int', depth + 1)}) & 7"

    def make_int(self, depth):
        e = lambda kind="int": self.expression(kind, depth + 1)
        form = self.random.randrange(19)
        if form < 5:
            return f"({e()} {self.pick(['+', '-', '*'])} {e()})"
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
            return f"({e()} {self.pick(['+', '-', '*'])} {e(self.pick(NUMERIC))})"
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
            return f"cap({e('int')} .. \",\" .. {e()} .. {e('int')})"
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

    # ---- statements ----

    def statements(self, count):
        for _ in range(count):
            if self.budget <= 0:
                return
            self.budget -= 1
            self.statement()

    def statement(self):
        forms = [("declare", 16), ("assign", 20), ("multiple", 6), ("table_store", 10), ("branch", 10), ("numeric_for", 9), ("while_loop", 4),
                 ("repeat_loop", 4), ("generic_for", 5), ("closure", 5), ("protected", 5), ("array_operation", 5), ("method", 3),
                 ("coroutine", 3), ("print", 6), ("goto_loop", 2), ("leave", 3), ("close_block", 2), ("call", 3), ("update", 8), ("varargs", 2),
                 ("captured_loop", 2), ("recursion", 2), ("stored_function", 3), ("dynamic_field", 3), ("results", 3), ("yield", 4), ("handler", 2),
                 ("sort", 1), ("long_loop", 2)]
        names, weights = zip(*forms)
        getattr(self, "statement_" + self.random.choices(names, weights)[0])()

    def statement_declare(self):
        count = self.pick([1, 1, 1, 2, 3])
        kinds = [self.kind() for _ in range(count)]
        values = [self.expression(kind) for kind in kinds]
        names = [self.fresh() for _ in kinds]
        constant = count == 1 and self.chance(0.08)
        self.line(f"local {', '.join(names)}{' <const>' if constant else ''} = {', '.join(values)}")
        for name, kind in zip(names, kinds):
            self.declare(name, kind, constant)

    def statement_assign(self):
        kind = self.kind()
        target = self.variable(kind, assignable=True)
        if not target:
            return self.statement_declare()
        self.line(f"{target.name} = {self.expression(kind if self.chance(0.97) else self.kind())}")

    def statement_update(self):
        kind = self.pick(["int", "int", "float", "str"])
        target = self.variable(kind, assignable=True)
        if not target:
            return self.statement_declare()
        if kind == "str":
            self.line(f"{target.name} = cap({target.name} .. {self.expression(self.pick(['str', 'int']), 1)})")
        else:
            self.line(f"{target.name} = {target.name} {self.pick(['+', '-', '*', '+'])} {self.expression(self.pick([kind, 'int']), 1)}")

    def statement_multiple(self):
        kind = self.kind()
        targets = self.variables(kind, assignable=True)
        if len(targets) < 2:
            return self.statement_assign()
        chosen = self.random.sample(targets, min(len(targets), self.pick([2, 2, 3])))
        values = [self.expression(kind, 1) if self.chance(0.5) else v.name for v in self.random.sample(chosen, len(chosen))]
        self.line(f"{', '.join(v.name for v in chosen)} = {', '.join(values)}")

    def statement_table_store(self):
        if self.chance(0.5):
            target = self.variable("obj")
            if target:
                value = "nil" if self.chance(0.12) else self.expression(self.pick(["int", "float", "str", "bool", "int"]))
                return self.line(f"{target.name}.{self.pick(FIELDS)} = {value}")
        target = self.variable("arr")
        if not target:
            return self.statement_declare()
        key = self.pick([self.small(0), self.small(0), f"(({self.expression('int', 1)}) % 20)", "1.0", "2.0", '"k"', "-5", "1 << 40"])
        value = "nil" if self.chance(0.12) else self.expression(self.pick(["int", "float"]))
        self.line(f"{target.name}[{key}] = {value}")

    def statement_branch(self):
        self.line(f"if {self.condition()} then")
        self.nested(self.pick([1, 2]))
        while self.chance(0.25):
            self.line(f"elseif {self.condition()} then")
            self.nested(1)
        if self.chance(0.5):
            self.line("else")
            self.nested(self.pick([1, 2]))
        self.line("end")

    def nested(self, count):
        self.indent += 1
        self.scopes.append([])
        self.statements(count)
        self.scopes.pop()
        self.indent -= 1

    def loop_body(self, count, before=None, after=None):
        outer = self.loops, self.breakable
        self.loops, self.breakable = self.loops + 1, True

        def body():
            if before:
                before()
            label = None
            if self.chance(0.25):
                self.labels += 1
                label = f"continue{self.labels}"
                self.line(f"if {self.expression('bool', 1)} then goto {label} end")
            if label:
                # A block, so that no label is jumped to over a local of its scope.
                self.block("do", lambda: self.statements(count))
                self.line(f"::{label}::")
            else:
                self.statements(count)
            if after:
                after()

        body()
        self.loops, self.breakable = outer

    def statement_numeric_for(self):
        if self.loops >= 2:
            return self.statement_update()
        name = self.fresh("i")
        header, kind = self.pick([
            ("1, 5", "int"), ("1, 10", "int"), ("3, 1, -1", "int"), ("0, 6, 2", "int"), ("maxi - 2, maxi", "int"), ("mini + 2, mini, -1", "int"),
            ("maxi - 5, maxi, 3", "int"), ("1, 3.9", "int"), ("1.0, 3", "float"), ("0, 1, 0.25", "float"), ("1, 0", "int"), ("2, -2, -1.5", "float"),
            ("mini, maxi, maxi", "int"), ("1, 2, maxi", "int"), ("10, 1, -4", "int"), ("", "int"), ("", "int"),
        ])
        if not header:
            start = self.expression("int", 2)
            header = f"1, ({start}) & 7" if self.chance(0.6) else f"{self.pick(SMALL)}, ({start}) % 9, {self.pick(['1', '2', '3'])}"

        def body():
            self.declare(name, kind)
            self.loop_body(self.pick([1, 2, 3]))

        self.block(f"for {name} = {header} do", body)

    def statement_while_loop(self):
        if self.loops >= 2:
            return self.statement_update()
        name = self.fresh("w")
        limit = self.pick(["3", "5", "9"])
        self.line(f"local {name} = 0")

        def body():
            self.loop_body(self.pick([1, 2]), before=lambda: self.line(f"{name} = {name} + 1"))

        condition = f"{name} < {limit}"
        if self.chance(0.4):
            condition += f" and {self.expression('bool', 1)}"
        self.block(f"while {condition} do", body)

    def statement_repeat_loop(self):
        if self.loops >= 2:
            return self.statement_update()
        name = self.fresh("w")
        self.line(f"local {name} = 0")

        def body():
            self.loop_body(self.pick([1, 2]), before=lambda: self.line(f"{name} = {name} + 1"))

        condition = f"{name} >= {self.pick(['2', '4', '7'])}"
        if self.chance(0.4):
            condition += f" or {self.expression('bool', 2)}"
        self.block("repeat", body, f"until {condition}")

    def statement_goto_loop(self):
        if self.loops >= 2:
            return self.statement_update()
        name = self.fresh("g")
        self.labels += 1
        label = f"again{self.labels}"

        def body():
            self.line(f"local {name} = 0")
            self.line(f"::{label}::")
            self.line(f"{name} = {name} + 1")
            outer = self.loops, self.breakable
            self.loops, self.breakable = self.loops + 1, False
            self.block("do", lambda: self.statements(2))
            self.loops, self.breakable = outer
            self.line(f"if {name} < {self.pick(['3', '6'])} then goto {label} end")

        self.block("do", body)

    def statement_generic_for(self):
        if self.loops >= 2:
            return self.statement_update()
        key, value = self.fresh("k"), self.fresh("e")
        array, record = self.variable("arr"), self.variable("obj")
        form = self.random.randrange(3)
        if form == 0 and array:
            header, kinds = f"ipairs({array.name})", ("int", "int")
        elif form == 1 and record:
            header, kinds = f"ipairs(sortedKeys({record.name}))", ("int", "str")
        else:
            limit = self.pick(["3", "4"])
            header = f"function(s, c) if c < {limit} then return c + 1, c * {self.pick(['2', '0.5', '-3'])} end end, nil, {self.pick(['0', '1', '0.0'])}"
            kinds = ("int", "float")

        def body():
            self.declare(key, kinds[0])
            self.declare(value, kinds[1])
            self.loop_body(self.pick([1, 2]))

        self.block(f"for {key}, {value} in {header} do", body)

    def function_body(self, parameters, count, returns, vararg=False, coroutine=False):
        saved = self.loops, self.breakable, self.in_vararg, self.in_coroutine
        self.loops, self.breakable, self.in_vararg, self.in_coroutine = self.loops, False, vararg, coroutine
        for name, kind in parameters:
            self.declare(name, kind)
        self.statements(count)
        if returns:
            self.line("return " + ", ".join(self.expression(kind) for kind in returns))
        self.loops, self.breakable, self.in_vararg, self.in_coroutine = saved

    def statement_closure(self):
        name = self.fresh("f")
        parameter = self.fresh("p")
        result = self.kind()
        kind = self.kind()
        argument = self.expression(kind, 1)
        self.block(f"local function {name}({parameter})",
                   lambda: self.function_body([(parameter, kind)], self.pick([1, 1, 2]), [result]))
        target = self.fresh()
        for _ in range(self.pick([1, 1, 2])):
            self.line(f"local {target} = {name}({argument})")
        self.declare(target, result)

    def statement_protected(self):
        ok, message = self.fresh("ok"), self.fresh("m")

        def body():
            saved = self.loops, self.breakable, self.in_vararg
            self.breakable, self.in_vararg = False, False
            self.statements(self.pick([1, 2]))
            risky = self.pick([
                f"return {self.operand('int', 'float')} {self.pick(['+', '-', '*', '..', '<', '//', '&', '<='])} {self.operand('int', 'val')}",
                f"return {self.operand('obj', 'val')}.x",
                f"return {self.operand('arr', 'obj')}[{self.expression(self.kind())}]",
                f"local q = {self.operand('obj', 'val', 'str')} return q.x.y",
                f"local q = {self.operand('val', 'val', 'str')} return -q, #q",
                f"local q = {self.operand('obj', 'val', 'arr')} q.z = 1 return q.z",
                f"local q = {self.operand('val', 'val')} return q()",
                f"local q = {self.operand('val')} q:get() return 1",
                f"error({self.expression(self.pick(['str', 'int', 'bool', 'str']))}{self.pick(['', ', 0', ', 1'])})",
                f"return {self.expression('int')} // {self.expression('int')}, {self.expression('int')} % {self.expression('int')}",
                f"for i = {self.expression('num')}, {self.expression(self.kind())}, 1 << 62 do return i end",
            ])
            self.line(risky)
            self.loops, self.breakable, self.in_vararg = saved

        self.block(f"local {ok}, {message} = pcall(function()", body, "end)")
        self.line(f'out("protected", {ok}, {message})')
        self.declare(ok, "bool")

    def statement_array_operation(self):
        target = self.variable("arr")
        if not target:
            return self.statement_declare()
        t = target.name
        value = self.expression("num", 1)
        self.line(self.pick([
            f"if proper({t}) then {t}[#{t} + 1] = {value} end", f"if proper({t}) then table.insert({t}, {value}) end",
            f"if proper({t}) then table.insert({t}, 1, {value}) end", f"if proper({t}) then out(\"removed\", table.remove({t}), #{t}) end",
            f'out("border", border({t}))', f'dump("array", {t})', f"{t}[size({t})] = nil", f'out("size", size({t}))', f'out("unpack", table.unpack({t}, 1, 3))',
            f'out("element", {t}[{self.small(0)}], {t}[{self.expression("num", 2)}])', f'out("select", select(2, table.unpack({t}, 1, 4)))',
        ]))

    def statement_method(self):
        target = self.variable("val")
        if not target:
            return self.statement_declare()
        v = target.name
        self.line(self.pick([
            f'out("method", {v}:get(), {v}({self.expression("int", 2)}))', f"{v}.n = raw({self.expression('num', 1)})" if not target.constant else f'out("n", {v}.n)',
            f'out("field", {v}.n, {v}.missing, rawget({v}, "x"))', f"{v}.x = {self.expression('int', 1)}", f'out("compare", {v} == {v}, {v} < {v}, {v} <= {v})',
            f"setmetatable({v}, getmetatable({v}) == V and W or V)",
        ]))

    def statement_coroutine(self):
        if self.in_coroutine or self.loops >= 1:
            return self.statement_update()
        name, parameter = self.fresh("co"), self.fresh("p")

        def body():
            self.function_body([(parameter, "int")], 2, None, coroutine=True)
            saved, self.in_vararg = self.in_vararg, False
            loop = self.fresh("i")
            self.line(f"for {loop} = 1, 3 do {parameter} = coroutine.yield({loop}, {parameter}) or {loop} end")
            if self.chance(0.3):
                self.line(f"local q = {self.expression(self.kind())} return q + 1")
            else:
                self.line(f"return {self.expression(self.kind())}")
            self.in_vararg = saved

        self.block(f"local {name} = coroutine.create(function({parameter})", body, "end)")
        turn = self.fresh("i")
        argument = self.pick([turn, f"{turn} + 0.5", "nil", f"{turn} * 3"])
        self.line(f"for {turn} = 1, 5 do")
        self.line(f"  out(\"resume\", coroutine.resume({name}, {argument}))")
        self.line("end")
        self.line(f'out("status", coroutine.status({name}))')

    def statement_print(self):
        count = self.pick([1, 2, 3])
        self.line(f'out("value", {", ".join(self.expression(self.kind()) for _ in range(count))})')

    def statement_leave(self):
        if self.breakable and self.chance(0.7):
            self.line(f"if {self.expression('bool', 1)} then break end")
        elif not self.in_coroutine and self.indent > 0:
            self.line(f"if {self.expression('bool', 1)} then return {self.expression(self.kind())} end")

    def statement_close_block(self):
        name = self.fresh("c")

        def body():
            self.line(f"local {name} <close> = new({self.expression('int', 2)})")
            self.statements(1)

        self.block("do", body)

    def statement_call(self):
        if not self.functions or self.loops >= 2 or self.in_coroutine:
            return self.statement_update()
        name, kinds = self.pick(self.functions[:-1] or self.functions) if len(self.functions) > 1 else self.functions[0]
        if self.current == name:
            return self.statement_update()
        arguments = ", ".join(self.expression(kind, 1) for kind in kinds)
        if self.chance(0.5):
            result = self.fresh("r")
            self.line(f"local {result} = calls < 400 and {name}({arguments})")
        else:
            self.line(f"if calls < 400 then out(\"call\", pcall({name}, {arguments})) end")

    def statement_varargs(self):
        if not self.in_vararg:
            return self.statement_update()
        a, b = self.fresh(), self.fresh()
        self.line(self.pick([f"local {a}, {b} = ...", f"local {a}, {b} = select(2, ...)", f"local {a}, {b} = {self.expression('int', 2)}, ..."]))
        self.line(f'out("varargs", select("#", ...), {a}, {b})')
        self.declare(a, "int")
        self.declare(b, "int")

    def statement_captured_loop(self):
        if self.loops >= 1:
            return self.statement_update()
        functions, index, own, f = self.fresh("fs"), self.fresh("i"), self.fresh("x"), self.fresh("f")
        kind = self.pick(NUMERIC)
        self.line(f"local {functions} = {{}}")

        def body():
            self.line(f"local {own} = {self.expression(kind, 1)}")
            if self.chance(0.3):
                self.line(f"if {index} == 3 then break end")
            self.declare(index, "int")
            self.declare(own, kind)
            saved, self.in_vararg = self.in_vararg, False
            self.line(f"{functions}[#{functions} + 1] = function() {own} = {own} + {self.expression(kind, 2)} return {own}, {index} end")
            self.in_vararg = saved

        opening = self.pick([f"for {index} = 1, 4 do", f"for {index} in ipairs({{ 1, 2, 3 }}) do"])
        self.block(opening, body)
        self.line(f'for _, {f} in ipairs({functions}) do out("captured", {f}()) out("captured", pcall({f})) end')

    def statement_recursion(self):
        name, n, accumulator = self.fresh("rec"), self.fresh("n"), self.fresh("acc")
        kind = self.pick(["int", "int", "float", "val"])
        self.line(f"local function {name}({n}, {accumulator})")
        self.indent += 1
        self.scopes.append([Variable(n, "int"), Variable(accumulator, kind)])
        saved, self.in_vararg = self.in_vararg, False
        self.line(f"if {n} <= 0 then return {accumulator} end")
        operator = self.pick(["+", "-", "*"])
        operand = self.expression(kind, 2)
        self.line(self.pick([f"return {name}({n} - 1, {accumulator} {operator} {operand})", f"return {operand} {operator} {name}({n} - 1, {accumulator})",
                             f"return ({name}({n} - 1, {accumulator} {operator} {n}))"]))
        self.in_vararg = saved
        self.scopes.pop()
        self.indent -= 1
        self.line("end")
        result = self.fresh()
        self.line(f"local {result} = {name}({self.pick(['3', '8', '20'])}, {self.expression(kind, 2)})")
        self.declare(result, kind)

    def statement_stored_function(self):
        slot = self.pick(["1", "2", "3"])
        if self.chance(0.5):
            kind = self.pick(["int", "float", "str", "int"])
            target = self.variable(kind, assignable=True)
            parameter = self.fresh("p")
            if target:
                operation = f"cap({target.name} .. {parameter})" if kind == "str" else f"{target.name} {self.pick(['+', '-', '*'])} {parameter}"
                return self.line(f"stored[{slot}] = function({parameter}) {target.name} = {operation} return {target.name} end")
        self.line(f'if stored[{slot}] then out("stored", pcall(stored[{slot}], {self.expression(self.pick(["int", "float", "int", "str"]), 2)})) end')

    def statement_dynamic_field(self):
        target = self.variable("obj")
        if not target:
            return self.statement_declare()
        key = f"({self.pick(STRINGS)} .. {self.small(0)})" if self.chance(0.4) else f'"{self.pick(FIELDS)}"'
        self.line(self.pick([f"{target.name}[{key}] = {self.expression(self.pick(['int', 'str']), 2)}", f'out("dynamic", {target.name}[{key}])',
                             f'dump("record", {target.name})', f"{target.name}[{key}] = nil", f"{target.name} = {{ x = {target.name}.x, y = {self.expression('int', 2)} }}"
                             if not target.constant else f'out("x", {target.name}.x)']))

    def statement_results(self):
        names = [self.fresh() for _ in range(self.pick([2, 3]))]
        values = [self.expression(self.pick(["int", "int", "float", "bool"]), 2) for _ in range(self.pick([1, 2, 3]))]
        call = f"(function(...) return {self.pick(['...', '..., 1', '(...)', '1, ...', 'select(2, ...)'])} end)({', '.join(values)})"
        before = f"{self.expression('int', 2)}, " if self.chance(0.3) else ""
        self.line(f"local {', '.join(names)} = {before}{call}")
        for name in names:
            self.declare(name, "int")

    def statement_yield(self):
        if not self.in_coroutine:
            return self.statement_update()
        values = ", ".join(self.expression(self.kind(), 1) for _ in range(self.pick([0, 1, 2])))
        if self.chance(0.3):
            return self.line(f'out("yielded", pcall(function(...) return coroutine.yield(...) + 1 end, {values or "nil"}))')
        self.line(f'out("yielded", coroutine.yield({values}))')

    def statement_handler(self):
        a, b = self.fresh("ok"), self.fresh("m")

        def body():
            saved = self.breakable, self.in_vararg
            self.breakable, self.in_vararg = False, False
            self.statements(1)
            self.line(self.pick([f"error({{ code = {self.expression('int', 2)} }})", f"error({self.expression('str', 2)}, 2)", f"return {self.expression('val')} .. {{}}",
                                 f"return {self.expression(self.kind())}", f"local q = {self.expression(self.kind())} return q.code.code"]))
            self.breakable, self.in_vararg = saved

        handler = self.pick(["function(e) return type(e) == \"table\" and e.code or e end", "function(e) return \"handled \" .. show(e) end", "show"])
        self.block(f"local {a}, {b} = xpcall(function()", body, f"end, {handler})")
        self.line(f'out("handler", {a}, {b})')

    def statement_sort(self):
        name = self.fresh("s")
        values = ", ".join(f"integer({self.expression('int', 2)})" for _ in range(self.pick([3, 6, 9])))
        comparator = self.pick(["", ", function(a, b) return a > b end", ", function(a, b) if a & 3 ~= b & 3 then return a & 3 < b & 3 end return a < b end"])
        self.line(f"local {name} = {{ {values} }}")
        self.line(f'out("sorted", pcall(table.sort, {name}{comparator}))')
        self.line(f'dump("sorted", {name})')

    def statement_long_loop(self):
        """A loop of many turns over simple arithmetic: hot within one call."""
        if self.loops >= 1 or self.current is None:
            return self.statement_update()
        kind = self.pick(NUMERIC)
        target, index = self.variable(kind, assignable=True), self.fresh("i")
        if not target:
            return self.statement_update()
        operations = [f"{target.name} = {target.name} {self.pick(['+', '-', '~', '*'] if kind == 'int' else ['+', '-', '*'])} {operand}"
                      for operand in self.random.sample([index, "3", f"{index} * 2", f"({index} & 15)", "1", f"-{index}"], 2)]
        if kind == "float":
            operations.append(f"{target.name} = {target.name} * 0.5")
        condition = self.pick([f"if {index} % 7 == 3 then {operations[0]} else {operations[-1]} end", "; ".join(operations)])
        self.line(f"if calls < 5 then for {index} = 1, {self.pick(['200', '1000'])} do {condition} end end")

    # ---- the program ----

    current = None

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
        self.output = PRELUDE.strip().split("\n")
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
        return "\n".join(self.output) + "\n"

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
                return f"({left} {pick(['+', '-', '*', '+', '-', '*', '/'])} {right})"
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
    return Generator(seed).program()


if __name__ == "__main__":
    sys.stdout.write(generate(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
