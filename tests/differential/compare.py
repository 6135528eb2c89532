#!/usr/bin/env python3
"""Runs Lua programs with the `selvage` command in every JIT mode and with the reference `lua5.4`, and compares.

Compared are the standard output byte for byte, the exit status and, of programs that fail, the first line of the
standard error output (without the interpreter's name; tracebacks differ). The programs are those of the folder
programs/ beside this file and the scripts of tests/lua. A script can say `-- test: no-differential` in a comment if it
is about what only Selvage has.

Usage: compare.py BINARY [NAME...]     (only programs whose file name contains one of the names)
The last line is `N passed, N failed`.
"""

import concurrent.futures
import dataclasses
import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODES = ("off", "on", "always")
MAX_DIFF_LINES = 40

# Lua 5.4.4 to 5.4.6 do not note the current instruction before an integer division, so the line that they give for a
# division by zero is that of some earlier instruction.
UNRELIABLE_LINES = re.compile(rb":\d+: (attempt to (?:perform 'n%+0'|divide by zero))")


@dataclasses.dataclass
class Result:
    status: object
    output: bytes
    complaint: str


def reference_command():
    """The reference interpreter, or None if there is none on this machine."""
    return shutil.which(os.environ.get("REFERENCE_LUA", "lua5.4"))


def first_complaint(text, command):
    """The first line of an error output, without the name of the command that both begin it with."""
    line = normalise(text).decode(errors="replace").split("\n", 1)[0]
    return line.removeprefix(f"{command}: ")


def normalise(output):
    return UNRELIABLE_LINES.sub(rb":?: \1", output)


def execute(command, directory, timeout=120):
    """Runs a command to its end. The status is a number, or a text when it was ended by a signal or by the time limit."""
    try:
        process = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired as expired:
        return Result(f"no end after {timeout} s", normalise(expired.stdout or b""), "")
    status = process.returncode if process.returncode >= 0 else f"signal {-process.returncode}"
    complaint = first_complaint(process.stderr, command[0]) if process.returncode != 0 else ""
    if status == 99 or isinstance(status, str):  # a sanitizer's report or a crash: show more
        complaint = process.stderr.decode(errors="replace")[:2000]
    return Result(status, normalise(process.stdout), complaint)


def describe_difference(expected, actual):
    """The lines that tell how `actual` differs from `expected`; empty if it does not."""
    lines = []
    if actual.status != expected.status:
        lines.append(f"exit status: expected {expected.status}, got {actual.status}")
    if actual.complaint != expected.complaint:
        lines.append(f"error output: expected {expected.complaint!r}")
        lines.append(f"                   got {actual.complaint!r}")
    if actual.output != expected.output:
        before = expected.output.decode(errors="backslashreplace").splitlines()
        after = actual.output.decode(errors="backslashreplace").splitlines()
        difference = list(difflib.unified_diff(before, after, "lua5.4", "selvage", lineterm="", n=2))
        lines += [line[:400] for line in difference[:MAX_DIFF_LINES]] or ["output: line ends or bytes differ"]
        if len(difference) > MAX_DIFF_LINES:
            lines.append(f"... {len(difference) - MAX_DIFF_LINES} more lines")
    return lines


def compare_program(binary, reference, program, modes=MODES):
    """Runs one program in all modes. Yields (mode, difference lines)."""
    expected = execute([reference, program.name], program.parent)
    for mode in modes:
        actual = execute([binary, f"--jit={mode}", program.name], program.parent)
        yield mode, describe_difference(expected, actual)


def programs(names):
    scripts = [path for path in sorted((HERE.parent / "lua").glob("*.lua"))
               if not re.search(r"^-- test:.*\bno-differential\b", path.read_text(errors="replace"), re.MULTILINE)]
    for path in sorted((HERE / "programs").glob("*.lua")) + scripts:
        if not names or any(name in path.name for name in names):
            yield path


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    binary = str(Path(sys.argv[1]).resolve())
    reference = reference_command()
    if reference is None:
        print("lua5.4 is not installed: nothing to compare with")
        print("0 passed, 1 failed")
        return 1
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as executor:
        chosen = list(programs(sys.argv[2:]))
        results = executor.map(lambda path: list(compare_program(binary, reference, path)), chosen)
        for path, outcome in zip(chosen, results):
            for mode, difference in outcome:
                if not difference:
                    passed += 1
                    continue
                failed += 1
                print(f"FAILED  {path.parent.name}/{path.name} --jit={mode}")
                for line in difference:
                    print("        " + line)
                sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
