"""Runs a command under a filter of system calls as systemd makes them: what is not allowed fails with EPERM.

Usage: withinFilter.py CALLS FAMILIES COMMAND..., both lists separated by commas, the families as numbers.
"""

import ctypes
import os
import sys

ALLOW = 0x7FFF0000
EPERM = 0x00050001
EQUAL = 4


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp of seccomp.h"""

    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("unused", ctypes.c_uint64),
    ]


calls, families, *command = sys.argv[1:]
library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
library.seccomp_init.restype = ctypes.c_void_p
library.seccomp_rule_add_array.argtypes = [
    ctypes.c_void_p,
    ctypes.c_uint32,
    ctypes.c_int,
    ctypes.c_uint,
    ctypes.POINTER(Comparison),
]
library.seccomp_load.argtypes = [ctypes.c_void_p]
context = library.seccomp_init(EPERM)


def allow(call, comparison=None):
    number = library.seccomp_syscall_resolve_name(call.encode())
    if number < 0:
        return  # another architecture's
    count = 0 if comparison is None else 1
    if library.seccomp_rule_add_array(context, ALLOW, number, count, comparison) != 0:
        sys.exit(f"no rule for {call}")


for name in calls.split(","):
    if name != "socket":
        allow(name)
for family in families.split(","):
    allow("socket", ctypes.byref(Comparison(0, EQUAL, int(family), 0)))
if library.seccomp_load(context) != 0:
    sys.exit("the filter cannot be loaded")
os.execv(command[0], command)
