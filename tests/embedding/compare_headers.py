#!/usr/bin/env python3
"""Compares the public C headers with those of Debian's liblua5.4-dev.

    tests/embedding/compare_headers.py

What is compared, each macro, function or layout being a test of its own:

  - every function that the reference's headers declare, and every symbol that its shared library exports, is declared by
    ours with the same type (a declaration of another type would be a compiler's error);
  - every macro of the reference exists with the same parameters and, spacing and parentheses apart, the same expansion;
  - sizes and offsets of the public structures are the same;
  - our headers compile alone, without a warning, in C89 to C17 and C++98 to C++20.

Macros that tell of the implementation, such as its authors, differ on purpose: see DIFFERENT.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ROOT / "include"
REFERENCE = Path("/usr/include/lua5.4")
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/liblua5.4.so.0")
COMPILER = "clang-19"
CXX_COMPILER = "clang++-19"

# Names of the release, and of whoever made it.
DIFFERENT = {"LUA_VERSION_RELEASE", "LUA_VERSION_RELEASE_NUM", "LUA_RELEASE", "LUA_COPYRIGHT", "LUA_AUTHORS"}
# How a symbol is exported: the same effect by other words.
EXPORTING = {"LUA_API", "LUALIB_API", "LUAMOD_API", "LUAI_FUNC", "LUAI_DDEC", "LUAI_DDEF"}
# Declared since 5.4.6 or later, so not yet by Debian's headers.
NEWER = ["int lua_closethread(lua_State *L, lua_State *from);"]

INCLUDES = '#include "lua.h"\n#include "lauxlib.h"\n#include "lualib.h"\n'
COMPATIBILITY = ["-DLUA_COMPAT_5_3"]

passed = failed = 0


def check(name, condition, details=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {name}")
        if details:
            print("  " + details.strip().replace("\n", "\n  "))


def run(command, text):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def preprocess(include, text, *options):
    result = run([COMPILER, "-E", "-P", "-x", "c", "-std=gnu17", f"-I{include}", *COMPATIBILITY, *options, "-"], text)
    if result.returncode != 0:
        sys.exit(f"preprocessing against {include} failed:\n{result.stderr}")
    return result.stdout


def macros(include):
    """The macros that the headers in the folder define, but for guards: name -> parameters, or None."""
    before = preprocess(include, "#include <limits.h>\n#include <stddef.h>\n#include <stdarg.h>\n#include <stdio.h>\n"
                        "#include <stdint.h>\n", "-dM")
    known = set(re.findall(r"^#define (\w+)", before, re.MULTILINE))
    found = {}
    for name, parameters in re.findall(r"^#define (\w+)(\([^)]*\))?", preprocess(include, INCLUDES, "-dM"),
                                       re.MULTILINE):
        if name not in known and not re.fullmatch(r"(lua|luaconf|lauxlib|lualib)_h|SELVAGE_\w+|_LUA_DEB_\w+|DEB_\w+", name):
            found[name] = None if not parameters else len(re.findall(r"\w+", parameters))
    return found


def expansions(include, all_macros):
    """name -> its expansion with the arguments ARGUMENT1, ARGUMENT2, ..., without spaces and parentheses."""
    text = INCLUDES
    for name, parameters in sorted(all_macros.items()):
        arguments = "" if parameters is None else \
            "(" + ", ".join(f"ARGUMENT{i + 1}" for i in range(parameters)) + ")"
        text += f"\nBEGIN_OF_{name} {name}{arguments} END_OF_MACRO\n"
    result = {}
    for name, expansion in re.findall(r"BEGIN_OF_(\w+)(.*?)END_OF_MACRO", preprocess(include, text), re.DOTALL):
        literals = re.sub(r'(?<=\S)"\s*"(?=\S)', "", expansion)
        result[name] = re.sub(r"[\s()]", "", literals)
    return result


def compare_macros():
    reference = macros(REFERENCE)
    ours = macros(OURS)
    shared = {}
    for name, parameters in sorted(reference.items()):
        if name not in ours:
            check(f"macro {name}", False, "missing")
        elif ours[name] != parameters:
            check(f"macro {name}", False, f"it takes {ours[name]} arguments, not {parameters}")
        elif name not in DIFFERENT | EXPORTING:
            shared[name] = parameters
    expected = expansions(REFERENCE, shared)
    actual = expansions(OURS, shared)
    for name in shared:
        check(f"macro {name}", expected[name] == actual[name], f"expected {expected[name]}\nactual   {actual[name]}")
    for name in set(ours) - set(reference):
        check(f"macro {name}", False, "the reference has no such macro")


def declarations(include):
    """The declarations of functions and variables of the API, as text: name -> declaration."""
    found = {}
    for declaration in re.findall(r"extern[^;{}]*;", preprocess(include, INCLUDES)):
        declaration = re.sub(r'__attribute__\(\(visibility\("default"\)\)\)', "", declaration)
        match = re.search(r"\((lua\w+)\)\s*\(", declaration) or re.search(r"\b(lua\w+)\s*[\(\[]", declaration)
        if match:
            found[match.group(1)] = " ".join(declaration.split())
    return found


def compare_functions():
    reference = declarations(REFERENCE)
    ours = declarations(OURS)
    for name, declaration in sorted(reference.items()):
        if name not in ours:
            check(f"function {name}", False, "not declared")
            continue
        result = run([COMPILER, "-fsyntax-only", "-x", "c", "-std=gnu17", "-Werror", f"-I{OURS}", "-"],
                     f"{INCLUDES}{declaration}\n")
        check(f"function {name}", result.returncode == 0, result.stderr)
    for declaration in NEWER:
        result = run([COMPILER, "-fsyntax-only", "-x", "c", "-std=gnu17", "-Werror", f"-I{OURS}", "-"],
                     f"{INCLUDES}extern {declaration}\n")
        name = re.search(r"(\w+)\(", declaration).group(1)
        check(f"function {name}", name in ours and result.returncode == 0, result.stderr)
    symbols = run(["nm", "-D", "--defined-only", str(LIBRARY)], "").stdout
    names = set(re.findall(r"\b(lua\w+)@", symbols))
    check("symbols of the reference's library were read", len(names) > 140, symbols)
    for name in sorted(names):
        check(f"symbol {name}", name in ours, "exported by the reference's library, but not declared")


def compare_layouts():
    layouts = {
        "lua_Debug": ["event", "name", "namewhat", "what", "source", "srclen", "currentline", "linedefined",
                      "lastlinedefined", "nups", "nparams", "isvararg", "istailcall", "ftransfer", "ntransfer",
                      "short_src", "i_ci"],
        "luaL_Buffer": ["b", "size", "n", "L", "init", "init.b"],
        "luaL_Stream": ["f", "closef"],
        "luaL_Reg": ["name", "func"],
    }
    scalars = ["lua_Number", "lua_Integer", "lua_Unsigned", "lua_KContext", "lua_CFunction"]
    lines = [f'printf("{name} %zu %zu\\n", sizeof({name}), _Alignof({name}));' for name in [*layouts, *scalars]]
    lines += [f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
              for name, fields in layouts.items() for field in fields]
    program = INCLUDES + "#include <stdio.h>\nint main(void) {\n  " + "\n  ".join(lines) + "\n  return 0;\n}\n"
    outputs = []
    with tempfile.TemporaryDirectory() as folder:
        for include in (REFERENCE, OURS):
            binary = Path(folder) / "layout"
            result = run([COMPILER, "-x", "c", "-std=gnu17", f"-I{include}", "-", "-o", str(binary)], program)
            if result.returncode != 0:
                sys.exit(f"the program of layouts does not compile against {include}:\n{result.stderr}")
            outputs.append(run([str(binary)], "").stdout.splitlines())
    check("layouts were read", len(outputs[0]) == len(lines))
    for expected, actual in zip(*outputs, strict=True):
        check(f"layout of {expected.split()[0]}", expected == actual, f"expected {expected}\nactual   {actual}")


def compile_alone():
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-long-long", "-fsyntax-only"]
    for header in ("lua.h", "lauxlib.h", "lualib.h", "lua.hpp"):
        cases = [(CXX_COMPILER, "c++", ("c++98", "c++11", "c++17", "c++20")),
                 ("g++", "c++", ("c++98", "c++11", "c++17", "c++20"))]
        if header != "lua.hpp":
            cases += [(COMPILER, "c", ("c89", "c99", "c11", "c17")), ("gcc", "c", ("c89", "c99", "c11", "c17"))]
        for compiler, language, standards in cases:
            for standard in standards:
                options = ["-Wno-c++11-long-long"] if compiler == CXX_COMPILER else []
                result = run([compiler, "-x", language, f"-std={standard}", *warnings, *options, f"-I{OURS}", "-"],
                             f'#include "{header}"\n')
                check(f"{header} alone, {compiler} {standard}", result.returncode == 0, result.stderr)


compare_macros()
compare_functions()
compare_layouts()
compile_alone()
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
