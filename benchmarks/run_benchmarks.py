#!/usr/bin/env python3
"""Runs the programs of this folder on Selvage and on the other engines that are installed, and reports.

For each program all engines take turns, so that what disturbs the machine for a while disturbs all alike; the median
of the runs counts. What is measured is the wall time of the whole process. Each program checks its own result; one
that fails on Selvage fails this run. A program whose head says `-- needs: integers` is not run on engines without them.
"""

import argparse
import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import chart

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
SELVAGE = ROOT / "build/selvage"
BASELINE = "lua5.4"
TIMEOUT = 120
STARTUP_RUNS = 50
COMPILE_ROUNDS = 40
COMPILE_PROCESSES = 5


class Engine:
    def __init__(self, name, command, has_integers):
        self.name, self.command, self.has_integers = name, command, has_integers


def installed_engines():
    engines = [Engine("selvage --jit=off", [str(SELVAGE), "--jit=off"], True), Engine("selvage", [str(SELVAGE)], True)]
    if lua := shutil.which("lua5.4"):
        engines.append(Engine("lua5.4", [lua], True))
    if luajit := shutil.which("luajit"):
        engines.append(Engine("luajit -joff", [luajit, "-joff"], False))
        engines.append(Engine("luajit", [luajit], False))
    return engines


class Program:
    def __init__(self, path):
        text = path.read_text()
        self.path, self.name = path, path.stem
        self.quick_size = re.search(r"^-- quick: (\S+)$", text, re.MULTILINE).group(1)
        self.needs_integers = re.search(r"^-- needs: integers$", text, re.MULTILINE) is not None

    def runs_on(self, engine):
        return engine.has_integers or not self.needs_integers


class Progress:
    """One line on the terminal that says what is going on; nothing where there is no terminal."""

    def __init__(self):
        self.shown = sys.stderr.isatty()

    def show(self, message):
        if self.shown:
            print("\r\x1b[K" + message, end="", file=sys.stderr, flush=True)

    def clear(self):
        self.show("")


def run_once(command):
    """The seconds that the command took, or None and what it said."""
    start = time.perf_counter()
    try:
        result = subprocess.run(command, cwd=FOLDER, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return None, f"not finished after {TIMEOUT} s"
    seconds = time.perf_counter() - start
    if result.returncode != 0:
        message = (result.stderr or result.stdout).decode(errors="replace").strip()
        return None, f"exit status {result.returncode}: {message}"
    return seconds, None


def measure(program, engines, runs, quick, progress, position):
    """{engine name: {"seconds": median, "runs": [...]} or {"error": text} or None if it cannot run there}."""
    arguments = [program.path.name] + ([program.quick_size] if quick else [])
    results = {engine.name: {"runs": []} if program.runs_on(engine) else None for engine in engines}
    for turn in range(runs):
        for engine in engines:
            result = results[engine.name]
            if result is None or "error" in result:
                continue
            progress.show(f"[{position}] {program.name} on {engine.name}, run {turn + 1} of {runs}")
            seconds, error = run_once(engine.command + arguments)
            if error:
                results[engine.name] = {"error": error}
            else:
                result["runs"].append(seconds)
    for result in results.values():
        if result and "error" not in result:
            result["seconds"] = statistics.median(result["runs"])
    return results


def speed(results, engine):
    """How many times as fast as the baseline, or None."""
    mine, baseline = results.get(engine), results.get(BASELINE)
    if not mine or not baseline or "seconds" not in mine or "seconds" not in baseline:
        return None
    return baseline["seconds"] / mine["seconds"]


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def table(engines, measured):
    """The lines of the report: seconds, and in brackets the speed over the baseline."""
    lines = [f"{'seconds (speed over ' + BASELINE + ')':<30}" + "".join(f"{engine.name:>20}" for engine in engines)]
    for name, results in measured.items():
        line = f"{name:<30}"
        for engine in engines:
            result = results[engine.name]
            if result is None:
                cell = "-"
            elif "error" in result:
                cell = "FAIL"
            else:
                factor = speed(results, engine.name)
                cell = f"{result['seconds']:.3f}" + (f" ({factor:6.2f})" if factor else "")
            line += f"{cell:>20}"
        lines.append(line)
    line = f"{'geometric mean':<30}"
    for engine in engines:
        mean = geometric_mean(speed(results, engine.name) for results in measured.values())
        line += f"{f'({mean:6.2f})' if mean else '':>20}"
    return lines + [line]


def measure_startup(progress):
    """Median seconds of an empty script, Selvage and the baseline in turns."""
    commands = {"selvage": [str(SELVAGE), "-e", ""]}
    if lua := shutil.which(BASELINE):
        commands[BASELINE] = [lua, "-e", ""]
    times = {name: [] for name in commands}
    for turn in range(STARTUP_RUNS):
        progress.show(f"start-up, run {turn + 1} of {STARTUP_RUNS}")
        for name, command in commands.items():
            seconds, error = run_once(command)
            if error:
                return {"error": f"{name}: {error}"}
            times[name].append(seconds)
    result = {name: statistics.median(values) for name, values in times.items()}
    if BASELINE in result:
        result["ratio"] = result["selvage"] / result[BASELINE]
    return result


def measure_compiling(programs, directory, progress):
    """How fast the JIT compiles: what it compiled and in how many seconds, in three ways.

    cold: each program in a process of its own, with every function compiled before its first run. It counts the setting
    up of code memory and the faults of every page that is touched for a first time.
    first: one process that loads all programs, without running them.
    warm: the best of its later rounds over the same programs, with memory and caches warm.
    Each is the best of a few processes: one that was disturbed would tell of nothing else.
    """
    output = directory / "compile_rate.txt"

    def measured(*command):
        """The lines that a run of one of the scripts in support/ left: functions, bytecodes, bytes, seconds."""
        output.unlink(missing_ok=True)
        _, error = run_once([str(SELVAGE), "--jit=always", *map(str, command)])
        if error:
            return None, error
        lines = [line.split() for line in output.read_text().splitlines()]
        output.unlink()
        return [(int(f), int(b), int(c), float(s)) for f, b, c, s in lines], None

    def summary(rows):
        functions, bytecodes, code_bytes, seconds = map(sum, zip(*rows))
        return {"functions": functions, "bytecodes": bytecodes, "codeBytes": code_bytes, "seconds": seconds,
                "bytecodesPerSecond": bytecodes / seconds if seconds > 0 else 0}

    def best(rows):
        return min(rows, key=lambda row: row[3])

    cold = []
    for program in programs:
        progress.show(f"compiling {program.name}")
        tries = []
        for _ in range(COMPILE_PROCESSES):
            rows, error = measured("support/compile_rate.lua", program.path.name, program.quick_size, output)
            if error:
                return {"error": f"{program.name}: {error}"}
            tries += rows
        cold.append(best(tries))
    first, later = [], []
    progress.show("compiling all programs in one process")
    for _ in range(COMPILE_PROCESSES):
        rounds, error = measured("support/compile_all.lua", output, COMPILE_ROUNDS, *(p.path.name for p in programs))
        if error:
            return {"error": f"all programs: {error}"}
        first += rounds[:1]
        later += rounds[1:]
    return {"cold": summary(cold), "first": summary([best(first)]), "warm": summary([best(later)])}


def describe_compiling(compiling):
    """What measure_compiling found, for the terminal."""
    lines = []
    for name, how in (("cold", f"a process for each program, the best of {COMPILE_PROCESSES}"),
                      ("first", f"one process loads all programs, the best of {COMPILE_PROCESSES}"),
                      ("warm", f"the best of their {COMPILE_ROUNDS - 1} later rounds")):
        row = compiling[name]
        lines.append(f"compiling, {name} ({how}): {row['functions']} functions, {row['bytecodes']} bytecodes to "
                     f"{row['codeBytes']} bytes in {row['seconds'] * 1000:.2f} ms: "
                     f"{row['bytecodesPerSecond'] / 1e6:.1f} million bytecodes/s")
    return "\n".join(lines)


def machine():
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return {"processor": model, "processors": os.cpu_count(), "system": f"{platform.system()} {platform.release()}"}


def engine_versions(engines):
    versions = {}
    for engine in engines:
        result = subprocess.run([engine.command[0], "-v"], capture_output=True, text=True)
        lines = (result.stdout + result.stderr).strip().splitlines()
        versions[engine.name] = lines[0] if lines else "?"
    return versions


def write_chart(path, engines, measured, runs):
    compared = [engine.name for engine in engines if engine.name != BASELINE]
    rows = [("geometric mean", {name: geometric_mean(speed(results, name) for results in measured.values())
                                for name in compared})]
    rows += [(program, {name: speed(results, name) for name in compared}) for program, results in measured.items()]
    subtitle = f"whole processes, median of {runs}; lua5.4 = 1; longer is faster; logarithmic scale"
    path.write_text(chart.draw("Speed over PUC-Rio Lua 5.4", subtitle, compared, rows))


def main():
    parser = argparse.ArgumentParser(description="Runs the benchmarks (see scripts/bench --help).")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--compile-rate", action="store_true", help="measure nothing but the speed of compiling")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--svg", type=Path, metavar="FILE")
    options = parser.parse_args()
    runs = 1 if options.quick else max(1, options.runs)
    directory = ROOT / "build/bench"
    directory.mkdir(parents=True, exist_ok=True)

    programs = [Program(path) for path in sorted(FOLDER.glob("*.lua"))]
    if options.only:
        programs = [program for program in programs if any(part in program.name for part in options.only)]
    if not programs:
        print("no program has such a name")
        return 2
    progress = Progress()
    engines = installed_engines()

    report = {"machine": machine(), "engines": engine_versions(engines), "runs": runs, "quick": options.quick,
              "date": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    failures = []
    if not options.compile_rate:
        measured = {}
        for number, program in enumerate(programs, 1):
            results = measure(program, engines, runs, options.quick, progress, f"{number}/{len(programs)}")
            measured[program.name] = results
            for engine, result in results.items():
                if result and "error" in result:
                    failures.append((program.name, engine, result["error"]))
        progress.clear()
        print("\n".join(table(engines, measured)))
        report["programs"] = measured
        report["geometricMeans"] = {
            engine.name: geometric_mean(speed(results, engine.name) for results in measured.values())
            for engine in engines
        }

        startup = report["startup"] = measure_startup(progress)
        progress.clear()
        if "error" in startup:
            failures.append(("start-up", "selvage", startup["error"]))
        else:
            line = f"start-up: selvage {startup['selvage'] * 1000:.2f} ms"
            if "ratio" in startup:
                line += f", {BASELINE} {startup[BASELINE] * 1000:.2f} ms, ratio {startup['ratio']:.2f}"
            print(line)

    compiling = report["compiling"] = measure_compiling(programs, directory, progress)
    progress.clear()
    if "error" in compiling:
        failures.append(("compile rate", "selvage", compiling["error"]))
    else:
        print(describe_compiling(compiling))

    json_path = options.json or directory / "results.json"
    json_path.write_text(json.dumps(report, indent=1) + "\n")
    written = [str(json_path)]
    if not options.compile_rate:
        svg_path = options.svg or directory / "results.svg"
        write_chart(svg_path, engines, measured, runs)
        written.append(str(svg_path))
    print("written: " + ", ".join(written))

    for name, engine, error in failures:
        print(f"\nFAIL: {name} on {engine}:\n  " + error.replace("\n", "\n  "))
    return 1 if any(engine.startswith("selvage") for _, engine, _ in failures) else 0


if __name__ == "__main__":
    sys.exit(main())
