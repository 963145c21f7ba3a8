"""changing.py DIRECTORY [CASE...]: calls that would change something in a directory, or only read. Prints a line for each.

Where a policy says that it is read-only, the lines must be those of a directory that is mounted read-only. It holds file
(mode 666), owned (644), program (755), secret (600), full/file, empty/, link, dangling, fifo, null.
"""

import os
import socket
import sys

from cases import attempt, case, flags_of, raw, run

DIRECTORY = sys.argv[1]
os.chdir(DIRECTORY)

NAMES = ["file", "owned", "program", "secret", "full", "empty", "link", "dangling", "null", "missing", "missing/x", "file/x"]
NAMES += ["empty/", "missing/", "file/"]
ACCESS = {"rdonly": os.O_RDONLY, "wronly": os.O_WRONLY, "rdwr": os.O_RDWR}
MORE = {
    "": 0,
    "creat": os.O_CREAT,
    "creat excl": os.O_CREAT | os.O_EXCL,
    "trunc": os.O_TRUNC,
    "append": os.O_APPEND,
    "creat trunc append": os.O_CREAT | os.O_TRUNC | os.O_APPEND,
    "directory": os.O_DIRECTORY,
    "nofollow": os.O_NOFOLLOW,
    "path": os.O_PATH,
    "tmpfile": os.O_TMPFILE,
}


@case
def opens():
    for name in NAMES:
        for access, bits in ACCESS.items():
            for more, flags in MORE.items():
                yield name, access, more, attempt(lambda: flags_of(os.open(name, bits | flags, 0o600)))


@case
def a_pipe_has_no_content_of_its_own():
    fd = os.open("fifo", os.O_RDWR)
    yield os.write(fd, b"x"), os.read(fd, 1)
    os.close(fd)


@case
def names_that_are_made_and_removed():
    for name in NAMES:
        yield name, "mkdir", attempt(lambda: os.mkdir(name))
        yield name, "unlink", attempt(lambda: os.unlink(name))
        yield name, "rmdir", attempt(lambda: os.rmdir(name))
    for name in ["/", ".", "..", "full/.", "full/..", ""]:
        yield name, attempt(lambda: os.mkdir(name)), attempt(lambda: os.unlink(name)), attempt(lambda: os.rmdir(name))
    for name in [".", "..", "full/.", "full/..", ""]:
        yield name, attempt(lambda: os.rename(name, "new")), attempt(lambda: os.rename("file", name))
        yield name, attempt(lambda: os.link("file", name)), attempt(lambda: os.link(name, "new"))


@case
def names_that_change():
    for old in ["file", "full", "empty", "link", "missing", "missing/x", "file/x"]:
        for new in ["file", "full", "empty", "new", "new/", "file/", "missing/x", "file/x"]:
            yield old, new, attempt(lambda: os.rename(old, new)), attempt(lambda: os.link(old, new, follow_symlinks=False))


@case
def names_that_are_made_in_other_ways():
    for name in NAMES:
        yield name, attempt(lambda: os.symlink("x", name)), attempt(lambda: os.mknod(name, 0o600))
        yield name, attempt(lambda: os.mkfifo(name)), attempt(lambda: os.link("file", name))


@case
def sockets():
    for name in NAMES + ["new", "new/", "/", ".", "..", "full/.", "full/.."]:
        with socket.socket(socket.AF_UNIX) as one:
            yield name, attempt(lambda: one.bind(name))
        yield name, attempt(lambda: os.path.exists(name))
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("")
        yield "bound already", attempt(lambda: one.bind("new")), attempt(lambda: one.bind("file"))
    address = b"\1\0new"
    with open("file") as file:
        yield "no socket", raw("bind", file.fileno(), address, len(address)), raw("bind", -1, address, len(address))
    with socket.socket(socket.AF_UNIX) as one:
        yield "without a NUL", raw("bind", one.fileno(), address, len(address))


@case
def attributes():
    for name in NAMES:
        for follow in [True, False]:
            yield name, follow, attempt(lambda: os.chown(name, -1, -1, follow_symlinks=follow))
            yield name, follow, attempt(lambda: os.utime(name, follow_symlinks=follow))
            yield name, follow, attempt(lambda: os.utime(name, (1, 2), follow_symlinks=follow))
            yield name, follow, attempt(lambda: os.setxattr(name, "user.x", b"x", follow_symlinks=follow))
            yield name, follow, attempt(lambda: os.removexattr(name, "user.x", follow_symlinks=follow))
        yield name, attempt(lambda: os.chmod(name, 0o600)), attempt(lambda: os.truncate(name, 3))


@case
def what_may_be_done():
    for name in NAMES + ["fifo", ".", ""]:
        yield name, [os.access(name, mode) for mode in range(8)]
        yield name, [raw("access", name.encode(), mode) for mode in [2, 6, 7, 8, -1]]
        yield name, [os.access(name, mode, effective_ids=True) for mode in range(8)]


@case
def reading_is_as_ever():
    yield sorted(os.listdir(".")), open("file").read(), os.stat("file").st_size, attempt(lambda: os.stat("missing"))


run()
