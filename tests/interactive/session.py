#!/usr/bin/env python3
"""Tests of the prompt: each check types into a `selvage` on a pseudo-terminal and looks at the screen.

    python3 tests/interactive/session.py path/to/selvage [--plain]

With --plain for a command that was built without libedit: what needs line editing is left out.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
from pathlib import Path

from screen import Screen

UP, DOWN, LEFT, RIGHT = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C"
CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_R, CTRL_W, CTRL_Z = "\x01", "\x03", "\x04", "\x05", "\x12", "\x17", "\x1a"
TAB, ENTER, BACKSPACE = "\t", "\r", "\x7f"
WAIT = 20  # seconds after which what was expected is taken not to come

selvage = ""


class Session:
    """A running command, its screen and the folder that is its home."""

    def __init__(self, home, arguments=(), columns=80, **environment):
        self.screen = Screen(columns)
        self.home = Path(home)
        variables = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        variables |= {"HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        variables |= environment
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            os.execve(selvage, [selvage, *arguments], variables)
        self.resize(columns)

    def resize(self, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, *keys):
        os.write(self.terminal, "".join(keys).encode())

    def read(self, seconds):
        """Whether anything came."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.terminal, 65536)
        except OSError:  # the other side is closed
            return False
        self.screen.feed(data)
        return data != b""

    def wait_until(self, is_met, what):
        end = time.monotonic() + WAIT
        while not is_met():
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                raise AssertionError(f"waited for {what} in vain; the screen:\n{self.screen.text()}")

    def expect(self, text):
        """Waits until the screen ends with these lines; the cursor stands behind them."""
        def is_met():
            column = min(self.screen.column, len(self.screen.line(self.screen.row)) + 1)
            return self.screen.text().endswith(text.rstrip()) and column >= len(text.rstrip().rsplit("\n", 1)[-1])
        self.wait_until(is_met, repr(text))

    def expect_somewhere(self, text):
        self.wait_until(lambda: text in self.screen.text(), repr(text))

    def enter(self, line, expected):
        """Types a line and waits for what follows it on the screen, up to and with the next prompt."""
        before = self.screen.text()
        self.type(line)
        # Line editing draws the line only while the input is quiet; a sanitizer build takes its time.
        self.wait_until(lambda: self.screen.text() != before or line == "", f"the typed line {line!r}")
        self.type(ENTER)
        self.expect("\n" + expected)

    def status(self):
        """Waits for the end of the command; its exit status."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                while self.read(0):
                    pass
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"the command did not end; the screen:\n{self.screen.text()}")

    def close(self):
        if self.pid != 0:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def settle(self):
        """Waits until nothing more comes for a while."""
        while self.read(1):
            pass


@contextlib.contextmanager
def session(home, *arguments, columns=80, **environment):
    """A session whose first prompt has come."""
    running = Session(home, arguments, columns, **environment)
    try:
        running.expect("> ")
        yield running
    finally:
        running.close()


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


# ---- for every command ----


def results_are_printed(home):
    with session(home) as s:
        s.expect_somewhere("Selvage ")
        s.enter("1 + 1, 'x', nil", "2\tx\tnil".expandtabs() + "\n> ")
        s.enter("= 2 ^ 3", "8.0\n> ")
        s.enter("local x = 5; print(x)", "5\n> ")
        s.enter("x", "nil\n> ")
        s.enter("{ 1, 'two', nested = { true } }", '{ 1, "two", nested = { true } }\n> ')
        s.enter("print 'own line' return 'result'", "own line\nresult\n> ")


def large_tables_are_cut(home):
    with session(home, columns=40) as s:
        s.enter("t = {} t[1] = t", "> ")
        s.enter("t", "{ <cycle> }\n> ")
        s.enter("{{{{{{}}}}}}", "{ { { { { ... } } } } }\n> ")
        s.enter("r = {} for i = 1, 900 do r[i] = 7 end", "> ")
        s.enter("r", "  ... 800 more\n}\n> ")
        s.enter("{a = ('x'):rep(30), b = 2}", '{\n  a = "' + "x" * 30 + '",\n  b = 2\n}\n> ')


def texts_of_values(home):
    with session(home) as s:
        s.enter("P = setmetatable({}, {__tostring = function() return 'a point' end})", "> ")
        s.enter("P", "a point\n> ")
        s.enter("{P, setmetatable({1}, {__name = 'Stack'})}", "{ a point, Stack { 1 } }\n> ")
        s.enter(r"{'\n\"\\\1', ['not a name'] = 1, [2.5] = 2}", "> ")
        s.expect_somewhere(r'{ "\n\"\\\x01", [2.5] = 2, ["not a name"] = 1 }')
        s.enter("{setmetatable({}, {__tostring = function() error('no text', 0) end})}",
                "error calling 'print' (no text)\n> ")
        s.enter("print = nil", "> ")
        s.enter("1", "error calling 'print' (attempt to call a nil value)\n> ")


def several_lines(home):
    with session(home) as s:
        s.enter("function twice(f)", ">> ")
        s.enter("return f() + f()", ">> ")
        s.enter("end", "> ")
        s.enter("twice(function()", ">> ")
        s.enter("return 21 end)", "42\n> ")
        s.enter("s = [[one", ">> ")
        s.enter("two]]", "> ")
        s.enter("s", "one\ntwo\n> ")
        s.enter("{ 1,", ">> ")
        s.enter("}", "{ 1 }\n> ")
        s.enter("if true then", ">> ")
        s.type(CTRL_D)
        s.expect_somewhere("'end' expected near <eof>")


def own_prompts(home):
    with session(home) as s:
        s.enter("_PROMPT, _PROMPT2 = 'lua: ', '...: '", "lua:")
        s.enter("do", "...:")
        s.enter("end", "lua:")
        s.enter("_PROMPT = setmetatable({}, {__tostring = function() n = (n or 0) + 1 return n .. '> ' end})", "1> ")
        s.enter("1", "1\n2> ")
        s.enter("_PROMPT = setmetatable({}, {__tostring = error})", "> ")
        s.enter("_PROMPT = nil", "> ")


def errors_and_what_follows(home):
    with session(home) as s:
        s.enter("error('wrong')", "stdin:1: wrong\nstack traceback:\n        [C]: in function 'error'\n"
                "        stdin:1: in main chunk\n        [C]: in ?\n> ")
        equal(s.screen.style_of("stdin:1: wrong"), "31")
        equal(s.screen.style_of("[C]: in ?"), "2")
        s.enter("error({})", "> ")
        s.expect_somewhere("(error object is a table value)")
        s.enter("x =)", "stdin:1: unexpected symbol near ')'\n> ")
        s.enter("'alive'", "alive\n> ")
        equal(s.screen.style_of("alive"), "")


def errors_without_colour(home):
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        with session(home, **environment) as s:
            s.enter("error('wrong', 0)", "> ")
            equal(s.screen.style_of("wrong"), "")


def interrupt_drops_the_line(home):
    with session(home) as s:
        s.type("print('never')")
        s.expect("> print('never')")
        s.type(CTRL_C)
        s.expect("^C\n> ")
        s.enter("do", ">> ")
        s.type(CTRL_C)
        s.expect(">> ^C\n> ")
        s.enter("'alive'", "alive\n> ")


def interrupt_stops_the_chunk(home):
    for mode in ("off", "on", "always"):
        with session(home, f"--jit={mode}") as s:
            s.enter("io.write('started '):flush() while true do end", "started")
            s.type(CTRL_C)
            s.expect_somewhere("stdin:1: interrupted!\nstack traceback:")
            s.expect("[C]: in ?\n> ")
            s.enter("io.write('and again '):flush() repeat until pcall(error)", "and again")
            s.type(CTRL_C, CTRL_C)  # the second may come when the prompt is back or before
            s.settle()
            s.enter("io.write('reading '):flush() print(io.read())", "reading")
            s.type(CTRL_C)
            s.expect("[C]: in ?\n> ")
            s.enter("io.write('reading '):flush() print(io.read())", "reading")
            s.type("typed", ENTER)
            s.expect("reading typed\ntyped\n> ")
            s.enter("'alive'", "alive\n> ")


def end_of_input_leaves(home):
    with session(home) as s:
        s.type(CTRL_D)
        equal(s.status(), 0)
    with session(home) as s:
        s.enter("setmetatable({}, {__gc = function() print 'closed' end}) and nil", "nil\n> ")
        s.type(CTRL_D)
        equal(s.status(), 0)
        s.expect_somewhere("closed")
    with session(home) as s:
        s.type("os.exit(7)", ENTER)
        equal(s.status(), 7)


def after_a_script(home):
    (home / "script.lua").write_text("local name = ... \nvalue = 'from ' .. name\n")
    with session(home, "-i", "script.lua", "argument") as s:
        s.enter("value, arg[1]", "from argument   argument\n> ")
    (home / "broken.lua").write_text("error 'broken'\n")
    with contextlib.closing(Session(home, ["-i", "broken.lua"])) as s:
        equal(s.status(), 1)
        s.expect_somewhere("broken.lua:1: broken")
    with session(home, "-i", "-e", "value = 8") as s:
        s.enter("value", "8\n> ")
    with session(home, LUA_INIT="value = 9") as s:
        s.enter("value", "9\n> ")
    with contextlib.closing(Session(home, ["-v"])) as s:
        equal(s.status(), 0)
    with contextlib.closing(Session(home, ["-"])) as s:
        s.type("print('script', ...)", ENTER, CTRL_D)
        equal(s.status(), 0)
        s.expect_somewhere("\nscript")


def other_streams(home):
    """Standard input that is no terminal is a script; with -i it is a session whose lines are shown."""
    def run(text, *arguments):
        process = subprocess.run([selvage, *arguments], input=text, capture_output=True, text=True, timeout=WAIT, check=False,
                                 env=os.environ | {"HOME": str(home), "TERM": "xterm"})
        return process.stdout + process.stderr
    equal(run("print(1)\nlocal x = 5\nprint(x, ...)\n"), "1\n5\n")
    equal(run("print(...)\n", "-", "a"), "a\n")
    equal(run("x = {1}\nx\n=1,\n2\nerror('e', 0)", "-i").splitlines()[1:],
          ["> x = {1}", "> x", "{ 1 }", "> =1,", ">> 2", "1\t2", "> error('e', 0)", "> ", "e", "stack traceback:", "\t[C]: in function 'error'",
           "\tstdin:1: in main chunk", "\t[C]: in ?"])


def without_editing(home):
    with session(home, TERM="dumb") as s:
        s.enter("1 + 1", "2\n> ")
        s.type("unfinished")
        s.expect("> unfinished")
        s.type(CTRL_C)
        s.expect("^C\n> ")
        s.enter("{", ">> ")
        s.enter("3}", "{ 3 }\n> ")
        s.type(CTRL_D)
        equal(s.status(), 0)


# ---- with line editing ----


def editing(home):
    with session(home) as s:
        s.type("prnt(2)", LEFT * 5, "i")
        s.expect_somewhere("> print(2)")
        s.type(CTRL_A, "x = 1; ", CTRL_E, BACKSPACE, "0)", ENTER)
        s.expect("> x = 1; print(20)\n20\n> ")
        s.type("one two", CTRL_W)
        s.expect("> one ")
        s.type(CTRL_W, "'äöü'", LEFT, BACKSPACE, ENTER)
        s.expect("> 'äö'\näö\n> ")
        long = "'" + "0123456789" * 9 + "'"
        s.type(long)
        s.expect(long[78:])
        s.type(CTRL_A, "#", ENTER)
        s.expect("90\n> ")


def history_within_a_session(home):
    with session(home) as s:
        s.enter("1 + 1", "2\n> ")
        s.enter("2 + 2", "4\n> ")
        s.type(UP, UP)
        s.expect("> 1 + 1")
        s.type(DOWN)
        s.expect("> 2 + 2")
        s.type(BACKSPACE, "3", ENTER)
        s.expect("5\n> ")
        s.type(CTRL_R, "1 +")
        s.expect_somewhere("1 + 1\nbck:1 +")
        s.type(ENTER)
        s.expect("> 1 + 1\n2\n> ")


def history_of_several_lines(home):
    with session(home) as s:
        s.enter("for i = 1, 2 do", ">> ")
        s.enter("  print('turn', i)", ">> ")
        s.enter("end", "turn    1\nturn    2\n> ")
        s.type(UP)
        s.expect("> for i = 1, 2 do\n  print('turn', i)\nend")
        s.type(BACKSPACE * 3, "print('more') end", ENTER)
        s.expect("\nturn    1\nmore\nturn    2\nmore\n> ")
    with session(home) as s:
        s.type(UP, UP, ENTER)
        s.expect("end\nturn    1\nturn    2\n> ")


def history_between_sessions(home):
    file = home / ".local/state/selvage/history"
    with session(home) as s:
        s.enter("'first'", "first\n> ")
        s.enter("'first'", "first\n> ")
        equal(stat.S_IMODE(file.stat().st_mode), 0o600)
        equal(stat.S_IMODE(file.parent.stat().st_mode), 0o700)
        with session(home) as other:
            other.enter("'other \\\\ one'", "other \\ one\n> ")
        s.enter("'last'", "last\n> ")
    with session(home) as s:
        s.type(UP)
        s.expect("> 'last'")
        s.type(UP)
        s.expect("> 'other \\\\ one'")
        s.type(UP)
        s.expect("> 'first'")
        s.type(UP, ENTER)
        s.expect("> 'first'\nfirst\n> ")
    state = home / "elsewhere"
    with session(home, XDG_STATE_HOME=str(state)) as s:
        s.enter("'there'", "there\n> ")
    equal("'there'" in (state / "selvage/history").read_text(), True)


def history_that_cannot_be_kept(home):
    for place in ("/proc/nowhere", "/dev/null"):
        with session(home, XDG_STATE_HOME=place) as s:
            s.enter("1", "1\n> ")
            s.type(UP)
            s.expect("> 1")
    (home / "state/selvage").mkdir(parents=True)
    (home / "state/selvage/history").write_bytes(b"\x00\xffno history\n" * 10)
    with session(home, XDG_STATE_HOME=str(home / "state")) as s:
        s.enter("1", "1\n> ")


def completion(home):
    with session(home) as s:
        s.type("string.fo", TAB, "('%d', 42)", ENTER)
        s.expect("> string.format('%d', 42)\n42\n> ")
        s.enter("tabs = {a = {bravo = 1, brave = 2, other = 3, ['no name'] = 4}}", "> ")
        s.type("print(tab", TAB)
        s.expect_somewhere("table  tabs\n> print(tab")
        s.type("s.a.o", TAB, ")", ENTER)
        s.expect("> print(tabs.a.other)\n3\n> ")
        s.type("tabs.a.b", TAB)
        s.expect("> tabs.a.brav")
        s.type(TAB)
        s.expect("\nbrave  bravo\n> tabs.a.brav")
        s.type("e", ENTER)
        s.expect("2\n> ")
        s.type("whi", TAB)
        s.expect("> while")
        s.type(CTRL_C)
        s.expect("> while^C\n> ")
        s.type("tabs['a'].ot", TAB, ENTER)
        s.expect("> tabs['a'].other\n3\n> ")
        bells = s.screen.bells
        s.type("nothing.like", TAB)
        s.wait_until(lambda: s.screen.bells > bells, "a bell")
        s.type(CTRL_C)
        s.expect("^C\n> ")
        s.type(TAB, "7", ENTER)
        s.expect(">   7\n7\n> ")


def completion_of_objects(home):
    with session(home) as s:
        s.enter("calls = 0", "> ")
        s.enter("class = {method = print, meta = 1} class.__index = class", "> ")
        s.enter("object = setmetatable({mine = 5}, class)", "> ")
        s.type("object:me", TAB, "(1)", ENTER)
        s.expect_somewhere("> object:method(1)\n")
        s.expect("1\n> ")
        s.type("object.me", TAB, TAB)
        s.expect_somewhere("\nmeta    method\n> object.met")
        s.type("a", ENTER)
        s.expect("1\n> ")
        s.enter("text = 'x'", "> ")
        s.type("text:rev", TAB, "()", ENTER)
        s.expect("> text:reverse()\nx\n> ")
        s.type("io.stdout:wr", TAB, "('w\\n') and nil", ENTER)
        s.expect_somewhere("> io.stdout:write('w\\n')")
        s.expect("w\nnil\n> ")
        s.enter("strange = setmetatable({}, {__index = function() calls = calls + 1 end, __pairs = error})", "> ")
        bells = s.screen.bells
        s.type("strange.fi", TAB)
        s.wait_until(lambda: s.screen.bells > bells, "a bell")
        s.type(BACKSPACE * 10, "calls", ENTER)
        s.expect("> calls\n0\n> ")


def many_completions(home):
    with session(home, columns=60) as s:
        s.enter("for i = 1, 500 do _G['name_' .. i] = i end", "> ")
        s.type("name_", TAB)
        s.expect_somewhere("... 300 more\n> name_")
        s.type("42", ENTER)
        s.expect("42\n> ")


def size_and_suspension(home):
    with session(home, columns=40) as s:
        s.type("'" + "abcdefghij" * 5 + "'")
        s.expect("ijabcdefghij'")
        s.screen = Screen(100)
        s.resize(100)
        s.expect("> '" + "abcdefghij" * 5 + "'")
        s.type(CTRL_C)
        s.expect("^C\n> ")
        s.type("12")
        s.expect("> 12")
        os.kill(s.pid, signal.SIGSTOP)
        os.waitpid(s.pid, os.WUNTRACED)
        attributes = termios.tcgetattr(s.terminal)
        attributes[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(s.terminal, termios.TCSANOW, attributes)
        os.kill(s.pid, signal.SIGCONT)
        s.wait_until(lambda: termios.tcgetattr(s.terminal)[3] & termios.ICANON == 0, "the terminal's mode")
        s.type("34", ENTER)
        s.expect("1234\n> ")


def terminal_is_left_as_it_was(home):
    with session(home) as s:
        s.enter("os.execute('stty -a | grep -c -- -icanon')", "0\nnil     exit    1\n> ")


def coloured_prompt(home):
    with session(home, columns=30) as s:
        s.enter(r"_PROMPT = '\27[32mp>\27[0m '", "p> ")
        equal(s.screen.style_of("p>"), "32")
        s.type("'0123456789012345678901'", LEFT * 24, "#", ENTER)
        s.expect("p> #'0123456789012345678901'\n22\np> ")


PLAIN = [results_are_printed, large_tables_are_cut, texts_of_values, several_lines, own_prompts, errors_and_what_follows,
         errors_without_colour, interrupt_drops_the_line, interrupt_stops_the_chunk, end_of_input_leaves, after_a_script,
         other_streams, without_editing]
EDITED = [editing, history_within_a_session, history_of_several_lines, history_between_sessions,
          history_that_cannot_be_kept, completion, completion_of_objects, many_completions, size_and_suspension,
          terminal_is_left_as_it_was, coloured_prompt]


def main():
    global selvage
    selvage = os.path.abspath(sys.argv[1])
    words = sys.argv[2:]
    checks = PLAIN if "--plain" in words else PLAIN + EDITED
    named = [word for word in words if not word.startswith("--")]
    failed = 0
    run = 0
    for check in checks:
        if named and check.__name__ not in named:
            continue
        run += 1
        with tempfile.TemporaryDirectory() as home:
            try:
                check(Path(home))
            except Exception:  # a failed check must not keep the others from running
                failed += 1
                print(f"FAILED: {check.__name__}")
                traceback.print_exc(file=sys.stdout)
    print(f"{run - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
