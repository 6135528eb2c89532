#!/usr/bin/env python3
"""Measures what crossing between C and Lua costs, on Selvage and on what is installed of Lua 5.4's and LuaJIT's libraries.

    benchmarks/boundary/run.py [--runs N] [--quick] [--json FILE]

boundary.c is compiled once for each library. The engines take turns, so that what disturbs the machine for a while
disturbs all alike; the best of the runs counts, in nanoseconds of processor time for one operation. A ratio is Selvage's
time to that of the faster of the two others: below 1 is faster. Selvage is measured as built, in its default mode and with
--jit=off.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
SOURCE = FOLDER / "boundary.c"
COMPILER = os.environ.get("CC", "clang-19")


def library_flags(package):
    result = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True, text=True, check=False)
    return result.stdout.split() if result.returncode == 0 else None


def compile_for(folder, name, flags):
    program = folder / name
    subprocess.run([COMPILER, "-O2", str(SOURCE), "-o", str(program), *flags], check=True)
    return str(program)


def build_programs(folder):
    """name -> (command, environment)"""
    build = ROOT / "build"
    selvage = compile_for(folder, "selvage", [f"-I{ROOT}/include", f"-L{build}", f"-Wl,-rpath,{build}", "-lselvage"])
    programs = {"selvage --jit=off": (selvage, {"SELVAGE_JIT": "off"}), "selvage": (selvage, {})}
    for name, package in (("lua5.4", "lua5.4"), ("luajit", "luajit")):
        flags = library_flags(package)
        if flags is None:
            print(f"boundary: {package} is not installed, or has no pkg-config file", file=sys.stderr)
        else:
            programs[name] = (compile_for(folder, name, flags), {})
    return programs


def measure(command, environment, rounds, seconds):
    result = subprocess.run([command, str(rounds), str(seconds)], capture_output=True, text=True, check=False,
                            env={**os.environ, **environment})
    if result.returncode != 0:
        sys.exit(f"boundary: {command} failed: {result.stderr}")
    return {name: float(value) for name, value in (line.split("\t") for line in result.stdout.splitlines())}


def report(names, best):
    others = [name for name in names if not name.startswith("selvage")]
    width = max(len(measure) for measure in best["selvage"])
    header = "  ".join(f"{name:>17}" for name in names)
    print(f"{'nanoseconds':<{width}}  {header}  {'ratio':>6}")
    ratios = []
    for operation in best["selvage"]:
        times = "  ".join(f"{best[name][operation]:>17.1f}" for name in names)
        ratio = ""
        if others:
            ratios.append(best["selvage"][operation] / min(best[name][operation] for name in others))
            ratio = f"{ratios[-1]:>6.2f}"
        print(f"{operation:<{width}}  {times}  {ratio}")
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        slower = sum(ratio > 1 for ratio in ratios)
        print(f"{'geometric mean':<{width}}  {'':>{len(header)}}  {mean:>6.2f}")
        print(f"{slower} of {len(ratios)} dearer than the cheaper of {' and '.join(others)}")


def main():
    parser = argparse.ArgumentParser(description="Measures what crossing between C and Lua costs.")
    parser.add_argument("--runs", type=int, default=3, metavar="N")
    parser.add_argument("--quick", action="store_true", help="whether everything works, not how fast it is")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    runs, rounds, seconds = (1, 1, 0.001) if options.quick else (options.runs, 5, 0.03)

    with tempfile.TemporaryDirectory() as folder:
        programs = build_programs(Path(folder))
        best = {}
        for _ in range(runs):
            for name, (command, environment) in programs.items():
                times = measure(command, environment, rounds, seconds)
                known = best.setdefault(name, times)
                best[name] = {operation: min(time, known[operation]) for operation, time in times.items()}
    report(list(programs), best)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(best, indent=2) + "\n")


if __name__ == "__main__":
    main()
