"""What the programs here have in common: cases, each of which prints lines that say what came of it."""

import ctypes
import errno
import fcntl
import os
import sys

CASES = []


def case(function):
    CASES.append(function)
    return function


def attempt(action):
    """What came of it: a value, or the name of an errno."""
    try:
        return action()
    except OSError as e:
        return errno.errorcode.get(e.errno, e.errno)


LIBC = ctypes.CDLL(None, use_errno=True)


def raw(name, *args):
    """The result of a function of the C library, or the name of an errno."""
    result = getattr(LIBC, name)(*args)
    return result if result >= 0 else errno.errorcode[ctypes.get_errno()]


def flags_of(fd):
    """What fcntl(2) says of a descriptor, which is closed. O_NOFOLLOW is never shown by one that was injected."""
    flags = fcntl.fcntl(fd, fcntl.F_GETFL) & ~os.O_NOFOLLOW
    exec_flag = fcntl.fcntl(fd, fcntl.F_GETFD)
    os.close(fd)
    return f"{flags:o} {exec_flag}"


def run():
    """All cases, or those that are named behind the first argument."""
    for function in CASES:
        if len(sys.argv) < 3 or function.__name__ in sys.argv[2:]:
            for result in function():
                print(function.__name__, result)
