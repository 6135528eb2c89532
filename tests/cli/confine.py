#!/usr/bin/env python3
"""Runs a command on a system that is stricter than this one.

Usage: confine.py [--no-memory-files] [--no-new-code] COMMAND [ARGUMENT...]

--no-memory-files  memfd_create is refused, as a sandbox may (a seccomp filter)
--no-new-code      no memory that was not executable can become so, as hardened services are run (PR_SET_MDWE)

Exits with 77 if the kernel cannot do that, otherwise as the command does.
"""

import ctypes
import os
import struct
import sys

CANNOT = 77
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_MDWE = 38, 22, 65
SECCOMP_MODE_FILTER = 2
MDWE_REFUSE_EXEC_GAIN = 1
X86_64_MEMFD_CREATE = 319
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # of the filter's machine
ALLOW, FAIL = 0x7FFF0000, 0x00050000
EPERM = 1


def control(*arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(*(ctypes.c_ulong(a) for a in (*arguments, *[0] * (5 - len(arguments))))) != 0:
        print(f"confine.py: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        sys.exit(CANNOT)


def refuse_memory_files():
    program = b"".join(struct.pack("<HBBI", *step) for step in (
        (LOAD_WORD, 0, 0, 0),  # the system call's number
        (JUMP_IF_EQUAL, 0, 1, X86_64_MEMFD_CREATE),
        (RETURN, 0, 0, FAIL | EPERM),
        (RETURN, 0, 0, ALLOW),
    ))
    steps = ctypes.create_string_buffer(program, len(program))
    description = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(steps)))
    control(PR_SET_NO_NEW_PRIVS, 1)
    control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(description))


def main():
    arguments = sys.argv[1:]
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--no-memory-files":
            refuse_memory_files()
        elif option == "--no-new-code":
            control(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN)
        else:
            sys.exit(f"confine.py: unknown option {option}")
    if not arguments:
        sys.exit("confine.py: no command")
    os.execvp(arguments[0], arguments)


main()
