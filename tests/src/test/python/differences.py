"""differences.py DIRECTORY CASE...: what is known to be different where opens, looks and changes are performed.

DIRECTORY is empty. Prints a line for each case. The list is src/docs/transparency.md.
"""

import ctypes
import fcntl
import os
import resource
import select
import signal
import struct
import sys

from cases import LIBC, attempt, case, raw, run

os.chdir(sys.argv[1])
open("file", "w").close()

OPENAT2 = 437
AT_FDCWD = -100
RESOLVE_CACHED = 0x20
PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS = 2, 2, 0x20
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_ACCESS_FS_READ_FILE = 4
PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 4, 28, 38
SECBIT_NO_SETUID_FIXUP = 4
STATX_BASIC_STATS = 0x7FF
AUTOFS_IOC_FAIL = 0x9361
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
def o_path_by_openat2():
    how = struct.pack("=QQQ", os.O_PATH, 0, 0)
    result = raw("syscall", OPENAT2, AT_FDCWD, b"file", how, len(how))
    yield result if isinstance(result, str) else "opened"


@case
def resolve_cached():
    how = struct.pack("=QQQ", os.O_RDONLY, 0, RESOLVE_CACHED)
    result = raw("syscall", OPENAT2, AT_FDCWD, b"/proc/sys/kernel/ostype", how, len(how))
    yield result if isinstance(result, str) else "opened"


@case
def closed_for_all():
    """Whether nobody has it open any more, and a lock on it, when its owner has closed it.

    Somebody has, most times; but not while workers make the opens, for ten seconds. These are more.
    """
    other = os.open("file", os.O_RDONLY)

    def lock_after_another():
        fd = os.open("file", os.O_RDONLY)
        fcntl.flock(fd, fcntl.LOCK_EX)
        os.close(fd)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(other, fcntl.LOCK_UN)

    yield all(attempt(lock_after_another) is None for _ in range(100_000))


@case
def missing_without_room():
    """All descriptors there may be are open."""

    def look():
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        return os.open("missing", os.O_RDONLY)

    yield in_child(look)


@case
def unreadable_memory():
    """A path in memory that was mapped for writing only. Many processors can read it nevertheless."""
    LIBC.mmap.restype = ctypes.c_void_p
    page = LIBC.mmap(None, 4096, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    ctypes.memmove(page, b"file", 5)
    yield raw("access", ctypes.c_void_p(page), os.R_OK)


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
def unnamed_in_own_descriptors():
    def make():
        LIBC.prctl(PR_SET_DUMPABLE, 0)
        return os.open("/proc/self/fd", os.O_TMPFILE | os.O_WRONLY)

    yield in_child(make)


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
def create_in_own_descriptors():
    def make():
        LIBC.prctl(PR_SET_DUMPABLE, 0)
        return os.mkdir("/proc/self/fd/99")

    yield in_child(make)


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


def is_automounted(directory, look):
    """Whether the server of an automount point is asked by `look`. It needs root, and mounts of its own."""
    server, told = os.pipe()
    os.mkdir(directory)
    options = f"fd={told},pgrp={os.getpgrp()},minproto=5,maxproto=5,indirect"
    raw("mount", b"server", directory.encode(), b"autofs", 0, options.encode())
    root = os.open(directory, os.O_RDONLY)
    os.mkdir(directory + "/point")
    ended, ending = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        look(directory + "/point")
        os._exit(0)
    os.close(ending)
    asked = server in select.select([server, ended], [], [])[0]
    if asked:
        _, _, token = struct.unpack("=iiI", os.read(server, 304)[:12])
        fcntl.ioctl(root, AUTOFS_IOC_FAIL, token)
    os.waitpid(child, 0)
    return asked


@case
def automount():
    yield is_automounted("looked_at", lambda path: raw("statx", AT_FDCWD, path.encode(), 0, STATX_BASIC_STATS, ctypes.create_string_buffer(256)))


@case
def automount_by_open():
    yield is_automounted("opened", lambda path: attempt(lambda: os.open(path, os.O_RDONLY)))


@case
def overlay_after_chroot():
    """Of directories that are named from where its caller is. It needs root, and mounts of its own."""

    def mount():
        for name in ("lower", "upper", "work", "merged"):
            os.mkdir(name)
        os.chroot(".")
        os.chdir("/")
        return raw("mount", b"overlay", b"merged", b"overlay", 0, b"lowerdir=lower,upperdir=upper,workdir=work")

    yield in_child(mount)


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
