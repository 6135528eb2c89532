#!/usr/bin/env python3
"""Runs random programs with the `selvage` command in every JIT mode and with `lua5.4`.

generator.py makes those of values and operators, control_programs.py those of the flow of control, debug_programs.py
those of the debug library, line_programs.py those of what line hooks see.

Nearly everything is stitched with what it has met, and stitched again (SELVAGE_JIT_STRESS).

Usage: run.py BINARY [SEED] [COUNT]    COUNT programs of each kind, of the seeds SEED, SEED + 1, ...

A program whose output, exit status or message differs is kept, with a copy that was made as small as a few minutes allow,
in a new folder, and its path, seed and difference are printed. The last line is `N passed, N failed`.
"""

import concurrent.futures
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "differential"))
sys.path.insert(0, str(HERE))

import compare
import control_programs
import debug_programs
import generator
import line_programs

# The programs are small: what runs twice is hot.
os.environ["SELVAGE_JIT_STRESS"] = "1"

KINDS = {"values": generator.generate, "control": control_programs.generate, "debug": debug_programs.generate,
         "lines": line_programs.generate}
DEFAULT_SEED = 54000
DEFAULT_COUNT = 200
RUN_SECONDS = 30
REDUCE_SECONDS = 60
REDUCE_RUN_SECONDS = 5
REDUCTIONS = 5  # how many failing programs are made smaller


def difference(binary, reference, program, modes):
    """(mode, lines) of the first mode that differs from the reference, or None."""
    expected = compare.execute([reference, program.name], program.parent, RUN_SECONDS)
    for mode in modes:
        actual = compare.execute([binary, f"--jit={mode}", program.name], program.parent, RUN_SECONDS)
        lines = compare.describe_difference(expected, actual)
        if lines:
            return mode, lines
    return None


def indentation(line):
    return len(line) - len(line.lstrip())


def statements(lines):
    """Ranges of lines that can be left out: single lines, and blocks from their first line to their last, by indentation;
    also the two lines of a block without its body. The largest come first."""
    ranges = []
    for start, line in enumerate(lines):
        ranges.append([(start, start + 1)])
        if start + 1 < len(lines) and indentation(lines[start + 1]) > indentation(line):
            end = start + 1
            while end < len(lines) and indentation(lines[end]) > indentation(line):
                end += 1
            ranges.append([(start, end + 1)])
            ranges.append([(start, start + 1), (end, end + 1)])
    return sorted(ranges, key=lambda parts: -sum(end - start for start, end in parts))


def without(lines, parts):
    left_out = {index for start, end in parts for index in range(start, end)}
    return [line for index, line in enumerate(lines) if index not in left_out]


def signature(expected, actual):
    """What makes two failures the same: how the program ended, and the first words of the first lines that differ."""
    for before, after in itertools.zip_longest(expected.output.split(b"\n"), actual.output.split(b"\n"), fillvalue=b"-"):
        if before != after:
            return actual.status, before.split()[:2], after.split()[:2]
    return actual.status, actual.complaint


def reduce(binary, reference, source, mode, folder):
    """A shorter program that the reference still runs without an error of its own and on which `mode` fails likewise."""
    deadline = time.monotonic() + REDUCE_SECONDS
    trial = folder / "trial.lua"

    def failure(lines):
        trial.write_text("\n".join(lines) + "\n")
        expected = compare.execute([reference, trial.name], folder, REDUCE_RUN_SECONDS)
        if expected.status != 0:
            return None
        actual = compare.execute([binary, f"--jit={mode}", trial.name], folder, REDUCE_RUN_SECONDS)
        return signature(expected, actual) if compare.describe_difference(expected, actual) else None

    lines = source.rstrip("\n").split("\n")
    wanted = failure(lines)
    progress = True
    while progress and time.monotonic() < deadline:
        progress = False
        for size_limit in (1000000, 40, 6):
            candidates = [parts for parts in statements(lines) if sum(e - s for s, e in parts) <= size_limit]
            for parts in candidates:
                if time.monotonic() > deadline:
                    break
                shorter = without(lines, parts)
                if failure(shorter) == wanted:
                    lines, progress = shorter, True
                    break  # line numbers have changed: begin again
            if progress:
                break
    trial.unlink(missing_ok=True)
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    binary = str(Path(sys.argv[1]).resolve())
    first = int(sys.argv[2]) if len(sys.argv) > 2 else DEFAULT_SEED
    count = int(sys.argv[3]) if len(sys.argv) > 3 else DEFAULT_COUNT
    reference = compare.reference_command()
    if reference is None:
        print("lua5.4 is not installed: nothing to compare with")
        print("0 passed, 1 failed")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="selvage-random-"))
    passed, failures = 0, []

    def check(task):
        kind, seed = task
        program = folder / f"{kind}{seed}.lua"
        program.write_text(KINDS[kind](seed))
        found = difference(binary, reference, program, compare.MODES)
        if not found:
            program.unlink()
        return program, found

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as executor:
        for program, found in executor.map(check, itertools.product(KINDS, range(first, first + count))):
            if not found:
                passed += 1
                continue
            failures.append((program, found[0]))
            print(f"FAILED  {program.stem} --jit={found[0]}: {program}")
            for line in found[1]:
                print("        " + line)
            sys.stdout.flush()
    for program, mode in failures[:REDUCTIONS]:
        small = program.with_suffix(".small.lua")
        small.write_text(reduce(binary, reference, program.read_text(), mode, folder))
        print(f"reduced: {small} --jit={mode} ({len(small.read_text().splitlines())} lines)")
    if not failures:
        folder.rmdir()
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
