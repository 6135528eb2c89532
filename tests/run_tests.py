#!/usr/bin/env python3
"""Runs all tests of the built commands, several at a time, and says what passed.

scripts/test builds and then calls this; it can be called alone when everything is built. Kinds of tests:

  unit          the Catch2 program
  lua           each script of tests/lua in the three JIT modes, under SELVAGE_JIT_STRESS (stitch after two calls or turns,
                and again after four), and under SELVAGE_GC_STRESS (collect at each safepoint)
  benchmarks    each program of benchmarks/ with its small size: they check their own results
  cli, differential, random, chunks, embedding, packages, modules, packaging, interactive, threads, fuzz
                tests/<kind>/run.sh, called with the path of the command; the fuzzers only with the sanitizer build
  format, tidy  clang-format and clang-tidy over the C++ files changed since the last commit that was pushed or made

All but the last two run with the release build and with the sanitizer build; `threads`, if asked for, also and alone with
the build of the thread sanitizer. A script whose last line is "N passed, N failed" counts as that many tests.

A Lua script can say in comments of the form `-- test: WORD...` how it is to be run:
  gc-stress=N   under SELVAGE_GC_STRESS with a collection at every Nth allocation only, as it would take minutes
  no-sanitize   not with the sanitizer build, likewise
"""

import argparse
import concurrent.futures
import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JIT_MODES = ("off", "on", "always")
RANDOM_PROGRAMS = {"release": 300, "sanitize": 60}
TIDY_SECONDS = 150
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$")
CATCH_ALL_PASSED = re.compile(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)", re.MULTILINE)
CATCH_SUMMARY = re.compile(r"^test cases: +(\d+) .*?\| +(\d+) failed", re.MULTILINE)


@dataclasses.dataclass
class Test:
    name: str
    command: list
    timeout: float
    environment: dict = dataclasses.field(default_factory=dict)
    directory: Path = ROOT


@dataclasses.dataclass
class Outcome:
    test: Test
    passed: int
    failed: int
    seconds: float
    output: str


# ---- which tests there are ----


def builds(quick):
    yield "release", ROOT / "build"
    if not quick:
        yield "sanitize", ROOT / "build-sanitize"


def sanitizer_environment(build):
    if build != "sanitize":
        return {}
    return {
        "ASAN_OPTIONS": "detect_stack_use_after_return=0:abort_on_error=0:exitcode=99",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
    }


def unit_tests(build, directory):
    program = directory / "selvage_unit_tests"
    yield Test(f"{build}/unit", [str(program)], 300, sanitizer_environment(build))


def script_words(script):
    words = set()
    for line in script.read_text(errors="replace").splitlines():
        if line.startswith("-- test:"):
            words.update(line[len("-- test:"):].split())
    return words


def lua_scripts(build, directory, quick):
    slow = 4 if build == "sanitize" else 1
    for script in sorted((ROOT / "tests/lua").glob("*.lua")):
        words = script_words(script)
        if build == "sanitize" and "no-sanitize" in words:
            continue
        for mode in JIT_MODES:
            environment = sanitizer_environment(build)
            command = [str(directory / "selvage"), f"--jit={mode}", script.name]
            yield Test(f"{build}/lua/{script.stem}/jit={mode}", command, 60 * slow, environment, script.parent)
            if quick:
                continue
            if mode == "on":
                yield Test(f"{build}/lua/{script.stem}/jit={mode}/jit-stress", command, 60 * slow,
                           {**environment, "SELVAGE_JIT_STRESS": "1"}, script.parent)
                continue
            periods = [word.removeprefix("gc-stress=") for word in words if word.startswith("gc-stress=")]
            environment = {**environment, "SELVAGE_GC_STRESS": periods[0] if periods else "1"}
            yield Test(f"{build}/lua/{script.stem}/jit={mode}/gc-stress", command, 60 * slow, environment, script.parent)


def benchmark_programs(build, directory):
    for program in sorted((ROOT / "benchmarks").glob("*.lua")):
        size = re.search(r"^-- quick: (\S+)$", program.read_text(), re.MULTILINE).group(1)
        for mode in JIT_MODES:
            command = [str(directory / "selvage"), f"--jit={mode}", program.name, size]
            yield Test(f"{build}/benchmarks/{program.stem}/jit={mode}", command, 120, sanitizer_environment(build),
                       program.parent)


def suites(build, directory, quick):
    """The folders that bring a run.sh of their own."""
    for kind in ("cli", "embedding", "packaging", "modules", "differential", "random", "packages", "interactive", "threads", "chunks",
                 "fuzz"):
        script = ROOT / "tests" / kind / "run.sh"
        if not script.exists() or kind == "fuzz" and (quick or build != "sanitize") or kind == "packaging" and build != "release":
            continue
        arguments = [str(directory / "selvage")]
        if kind == "random":
            if quick:
                continue
            # Fixed, so that every run of the tests is the same; other seeds by hand or through the variable.
            seed = int(os.environ.get("SELVAGE_RANDOM_SEED", "20261121"))
            arguments += [str(seed), str(RANDOM_PROGRAMS[build])]
            kind = f"random/seed={seed}"
        environment = sanitizer_environment(build)
        if environment and kind in ("cli", "differential", "packages", "interactive"):
            # os.exit() leaves without closing the state, as the reference's does, and that is no leak.
            environment["ASAN_OPTIONS"] += ":detect_leaks=0"
        yield Test(f"{build}/{kind}", [str(script)] + arguments, 600, environment)


def thread_tests():
    """Of this build there is one program only."""
    build = "thread-sanitizer"
    command = [str(ROOT / "tests/threads/run.sh"), str(ROOT / f"build-{build}/selvage")]
    yield Test(f"{build}/threads", command, 600)


def git(*arguments):
    result = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else None


def changed_sources():
    """C++ files that differ from what was pushed or, failing that, from the commit before the last."""
    head = git("rev-parse", "HEAD")
    base = git("merge-base", "HEAD", "origin/main")
    if base is None or base == head:
        base = git("rev-parse", "HEAD~1")
    if head is None or base is None:
        names = git("ls-files") or ""
    else:
        names = git("diff", "--name-only", "--diff-filter=d", base) or ""
    names += "\n" + (git("ls-files", "--others", "--exclude-standard") or "")
    paths = {ROOT / name for name in names.splitlines() if name.endswith((".cpp", ".hpp"))}
    return sorted(path for path in paths if path.exists())


def source_checks():
    files = changed_sources()
    if files:
        yield Test("format", ["clang-format-19", "--dry-run", "--Werror", *map(str, files)], 120)


def tidy_tests():
    known = ROOT / "build/compile_commands.json"
    compiled = known.read_text() if known.exists() else ""
    # The latest changes first: there is not always time for all.
    files = sorted(changed_sources(), key=lambda path: -path.stat().st_mtime)
    for path in files:
        if path.suffix == ".cpp" and f'"{path}"' in compiled:
            yield Test(f"tidy/{path.relative_to(ROOT)}", ["clang-tidy-19", "--quiet", "-p", str(ROOT / "build"), str(path)],
                       180)


def all_tests(quick, with_thread_sanitizer):
    for build, directory in builds(quick):
        yield from unit_tests(build, directory)
        yield from suites(build, directory, quick)
        yield from lua_scripts(build, directory, quick)
        if not quick:
            yield from benchmark_programs(build, directory)
    if with_thread_sanitizer:
        yield from thread_tests()
    yield from source_checks()


# ---- running them ----


def count(status, output):
    """How many tests a program's output tells of, as (passed, failed); the exit status has the last word."""
    passed, failed = (1, 0) if status == 0 else (0, 1)
    lines = output.strip().splitlines()
    summary = SUMMARY.match(lines[-1].strip()) if lines else None
    if summary:
        passed, failed = int(summary.group(1)), int(summary.group(2))
    elif match := CATCH_ALL_PASSED.search(output):
        passed, failed = int(match.group(1)), 0
    elif match := CATCH_SUMMARY.search(output):
        passed, failed = int(match.group(1)) - int(match.group(2)), int(match.group(2))
    if status != 0 and failed == 0:
        failed = 1
    if status == 0 and passed + failed == 0:
        failed, output = 1, output + "\n(not one test was run)"
    return passed, failed, output


def run(test):
    start = time.monotonic()
    try:
        process = subprocess.Popen(test.command, cwd=test.directory, env={**os.environ, **test.environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    except OSError as error:
        return Outcome(test, 0, 1, 0, str(error))
    try:
        output, _ = process.communicate(timeout=test.timeout)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += f"\n(ended after {test.timeout:.0f} s)".encode()
        status = -1
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    text = output.decode(errors="replace")
    if status < 0 and status != -1:
        text += f"\n(ended by signal {signal.Signals(-status).name})"
    passed, failed, text = count(status, text)
    return Outcome(test, passed, failed, time.monotonic() - start, text)


def describe_command(test):
    words = [f"{name}={value}" for name, value in test.environment.items()] + [str(word) for word in test.command]
    if len(words) > 12:
        words = words[:12] + ["..."]
    return f"(cd {test.directory} && {' '.join(words)})"


def report(outcome, verbose):
    if outcome.failed:
        print(f"FAILED  {outcome.test.name}  {outcome.seconds:.1f} s")
        print(f"        {describe_command(outcome.test)}")
        lines = outcome.output.rstrip().splitlines()
        if len(lines) > 200:
            lines = lines[:100] + [f"... {len(lines) - 200} lines ..."] + lines[-100:]
        for line in lines:
            print("        | " + line)
    elif verbose:
        number = f"  {outcome.passed} tests" if outcome.passed > 1 else ""
        print(f"ok      {outcome.test.name}{number}  {outcome.seconds:.1f} s")
    sys.stdout.flush()


def run_all(tests, jobs, verbose, deadline=None):
    """Runs the tests; those that would start after the deadline are left out. Returns the outcomes."""
    outcomes = []

    def run_in_time(test):
        return None if deadline is not None and time.monotonic() > deadline else run(test)

    executor = concurrent.futures.ThreadPoolExecutor(jobs)
    try:
        for future in concurrent.futures.as_completed([executor.submit(run_in_time, test) for test in tests]):
            outcome = future.result()
            if outcome is None:
                continue
            outcomes.append(outcome)
            report(outcome, verbose)
    finally:
        executor.shutdown(cancel_futures=True)
    return outcomes


def kind_of(name):
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] in ("release", "sanitize", "thread-sanitizer") else parts[0]


def summarise(outcomes, not_run):
    kinds = {}
    for outcome in outcomes:
        entry = kinds.setdefault(kind_of(outcome.test.name), [0, 0, 0.0])
        entry[0] += outcome.passed
        entry[1] += outcome.failed
        entry[2] += outcome.seconds
    print("\nWhat ran:")
    for kind, (passed, failed, seconds) in kinds.items():
        print(f"  {kind:<24} {passed:6} passed {failed:4} failed {seconds:8.1f} s")
    if not_run:
        print(f"  clang-tidy had no time for {not_run} files")
    failures = [outcome.test.name for outcome in outcomes if outcome.failed]
    if failures:
        print("Failed:")
        for name in failures:
            print(f"  {name}")


def main():
    parser = argparse.ArgumentParser(description="Runs Selvage's tests (see scripts/test --help).")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--thread-sanitizer", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--verbose", action="store_true", default=os.environ.get("CI") == "true")
    options = parser.parse_args()

    def wanted(test):
        return not options.only or any(part in test.name for part in options.only)

    tests = [test for test in all_tests(options.quick, options.thread_sanitizer) if wanted(test)]
    tidy = [] if options.quick else [test for test in tidy_tests() if wanted(test)]
    if options.list:
        for test in tests + tidy:
            print(test.name)
        return 0
    if not tests and not tidy:
        print("no test has such a name")
        return 2

    # The long ones first, so that both processors are busy to the end.
    tests.sort(key=lambda test: -test.timeout)
    started = time.monotonic()
    print(f"{len(tests) + len(tidy)} tests, {options.jobs} at a time")
    outcomes = run_all(tests, options.jobs, options.verbose)
    tidied = run_all(tidy, options.jobs, options.verbose, time.monotonic() + TIDY_SECONDS)
    summarise(outcomes + tidied, len(tidy) - len(tidied))
    passed = sum(outcome.passed for outcome in outcomes + tidied)
    failed = sum(outcome.failed for outcome in outcomes + tidied)
    print(f"in {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
