#!/usr/bin/env python3
"""Lists what a shared library has in memory that can be written while the program runs, but for what is known and harmless.

    writable_globals.py libselvage.so

Each line of the output is a variable. States share nothing, so there is none in the library.
"""

import re
import subprocess
import sys

SECTIONS = (".data", ".bss", ".tdata", ".tbss")

# Names, and why they are no state of ours.
ALLOWED = {
    "_ZN7selvage12_GLOBAL__N_114forksOfProcessE": "how often the process has forked",
    "_ZN7selvage12_GLOBAL__N_18runtimesE": "the C++ runtimes of the process and what std::terminate did in them before",
    "_ZN7selvage12_GLOBAL__N_116innermostLeavingE": "what the thread of the operating system is unwinding",
    "_ZN7selvage9cStackEndE": "where the stack of the thread of the operating system ends",
    "_ZN7selvage12_GLOBAL__N_19listMutexE": "of the list of watchdogs",
    "_ZN7selvage12_GLOBAL__N_113firstWatchdogE": "the watchdogs of the process, which a fork has to know",
    "__dso_handle": "of the C runtime: its address stands for the library",
    "completed.0": "of the C runtime: the library's destructors have run",
    "DW.ref.__gxx_personality_v0": "set by the dynamic linker: the function that tables of exceptions refer to",
}

def readelf(option, library):
    return subprocess.run(["readelf", "--wide", option, library], check=True, capture_output=True, text=True).stdout


def writable_sections(library):
    """Their names by their numbers, but for those that the dynamic linker makes read-only."""
    sections = re.findall(r"\[ *(\d+)\] (\S+)", readelf("--sections", library))
    return {number: name for number, name in sections if name.startswith(SECTIONS) and not name.startswith(".data.rel.ro")}


def variables(library):
    """(section number, name) of each."""
    for line in readelf("--symbols", library).splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[3] in ("OBJECT", "TLS"):
            yield fields[6], fields[7]


def main():
    library = sys.argv[1]
    sections = writable_sections(library)
    names = set()
    for section, name in variables(library):
        names.add(name)
        if section in sections and name not in ALLOWED:
            print(sections[section], name)
    if "__dso_handle" not in names:
        sys.exit(f"{library} has no names of variables: it has been stripped")


if __name__ == "__main__":
    main()
