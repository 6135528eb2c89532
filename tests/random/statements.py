"""Random Lua statements, built from the expressions of expressions.py; see generator.py."""

from expressions import FIELDS, INTEGERS, NUMERIC, SMALL, STRINGS, Expressions, Variable


class Statements(Expressions):
    """Makes statements and the blocks, functions and coroutines that are nested in them."""

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
            self.line(f"{target.name} = " + self.binary(target.name, self.pick(["+", "-", "*", "+"]), self.expression(self.pick([kind, "int"]), 1)))

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
            header, kinds = f"ipairs({{ table.unpack({array.name}, 1, 20) }})", ("int", "int")
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
                f"local key = {self.expression(self.kind())} return {self.operand('arr', 'obj')}[key]",
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
            f'out("element", {t}[{self.small(0)}], {t}[integer({self.expression("num", 2)})])', f'out("select", select(2, table.unpack({t}, 1, 4)))',
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
