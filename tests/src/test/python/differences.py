"""differences.py DIRECTORY CASE...: what is known to be different where opens, looks and changes are performed.

DIRECTORY is empty. Prints a line for each case. The list is src/docs/transparency.md.
"""

import ctypes
import fcntl
import os
import resource
import signal
import struct
import sys

from cases import LIBC, attempt, case, raw, run

os.chdir(sys.argv[1])
open("file", "w").close()

OPENAT2 = 437
AT_FDCWD = -100
RESOLVE_CACHED = 0x20
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_ACCESS_FS_READ_FILE = 4
PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 4, 28, 38
SECBIT_NO_SETUID_FIXUP = 4
FAN_NONBLOCK, FAN_MARK_ADD, FAN_OPEN = 2, 1, 0x20


def in_child(function):
    """What a function yields that spoils its process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(attempt(function)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(reader, 100).decode()


@case
def o_nofollow():
    yield bool(fcntl.fcntl(os.open("file", os.O_NOFOLLOW), fcntl.F_GETFL) & os.O_NOFOLLOW)


@case
def resolve_cached():
    how = struct.pack("=QQQ", os.O_RDONLY, 0, RESOLVE_CACHED)
    result = raw("syscall", OPENAT2, AT_FDCWD, b"/proc/sys/kernel/ostype", how, len(how))
    yield result if isinstance(result, str) else "opened"


@case
def controlling_terminal():
    _, terminal = os.openpty()

    def open_terminals():
        os.setsid()
        os.open(os.ttyname(terminal), os.O_RDWR)
        return os.close(os.open("/dev/tty", os.O_RDWR))

    yield in_child(open_terminals)


@case
def deeper_than_path_max():
    def look():
        for _ in range(20):
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
        return os.path.exists(".")

    yield in_child(look)


@case
def protected_regular():
    """A file of somebody else's in a directory where everybody may make files. It needs root, and fs.protected_regular."""
    os.mkdir("everybodys")
    os.chmod("everybodys", 0o1777)
    open("everybodys/theirs", "w").close()
    os.chown("everybodys/theirs", 77, 77)
    yield attempt(lambda: os.close(os.open("everybodys/theirs", os.O_RDWR | os.O_CREAT)))


@case
def not_dumpable():
    def look():
        LIBC.prctl(PR_SET_DUMPABLE, 0)
        return os.stat("file").st_size

    yield in_child(look)


@case
def attributes_of_own_descriptors():
    def look():
        LIBC.prctl(PR_SET_DUMPABLE, 0)
        return os.getxattr("/proc/self/fd", "user.x")

    yield in_child(look)


@case
def access_without_setuid_fixup():
    """It needs root."""
    os.chmod("file", 0)

    def look():
        LIBC.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
        os.setresuid(1000, 0, 0)
        return os.access("file", os.R_OK)

    yield in_child(look)


@case
def who_says_sigxfsz():
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGXFSZ])
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, unlimited[1]))
    attempt(lambda: os.truncate("file", 101))
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    yield signal.sigtimedwait([signal.SIGXFSZ], 0).si_pid == os.getpid()


@case
def unlink_in_own_descriptors():
    yield attempt(lambda: os.unlink("/proc/self/fd/0"))


@case
def who_is_seen_to_open():
    """It needs root."""
    watch = raw("fanotify_init", FAN_NONBLOCK, os.O_RDONLY)
    raw("fanotify_mark", watch, FAN_MARK_ADD, ctypes.c_uint64(FAN_OPEN), AT_FDCWD, b"file")
    os.open("file", os.O_RDONLY)
    *_, pid = struct.unpack("=IBBHQii", os.read(watch, 24))
    yield pid == os.getpid()


@case
def landlock():
    """Nothing may be read any more (landlock(7))."""

    def restrict():
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        rules = raw("syscall", LANDLOCK_CREATE_RULESET, struct.pack("=Q", LANDLOCK_ACCESS_FS_READ_FILE), 8, 0)
        raw("syscall", LANDLOCK_RESTRICT_SELF, rules, 0)
        return os.close(os.open("file", os.O_RDONLY))

    yield in_child(restrict)


@case
def no_new_privs():
    yield [line.split()[1] for line in open("/proc/self/status") if line.startswith("NoNewPrivs")]


run()
