"""listings.py DIRECTORY [CASE...]: directories listed in every way there is. Prints a line for each.

Names that begin with `hidden` are never printed by the program: they are not there, or a policy hides them, and nobody must
find out. The lines must be the same.
"""

import ctypes
import errno
import mmap
import os
import socket
import struct
import sys
import threading

from cases import attempt, case, run

DIRECTORY = sys.argv[1]
LIBC = ctypes.CDLL(None, use_errno=True)
GETDENTS64 = 61 if os.uname().machine == "aarch64" else 217
GETDENTS = None if os.uname().machine == "aarch64" else 78


def path(name):
    return os.path.join(DIRECTORY, name)


def call(nr, fd, address, size):
    result = LIBC.syscall(nr, fd, ctypes.c_void_p(address), ctypes.c_uint(size))
    if result < 0:
        raise OSError(ctypes.get_errno(), "getdents")
    return result


def parse(data, name_at=19):
    """The entries in what was written: name, offset of the next."""
    entries = []
    while data:
        _, after, length = struct.unpack_from("=QqH", data)
        name = data[name_at:length].split(b"\0")[0].decode()
        entries.append((name, after))
        data = data[length:]
    return entries


def read(fd, size, nr=GETDENTS64):
    buffer = ctypes.create_string_buffer(max(size, 1))
    count = call(nr, fd, ctypes.addressof(buffer), size)
    return parse(buffer.raw[:count], 19 if nr == GETDENTS64 else 18)


def read_all(fd, size, nr=GETDENTS64):
    entries = []
    while True:
        more = read(fd, size, nr)
        if not more:
            return entries
        entries += more


def names(entries):
    return [name for name, _ in entries]


def opened(name):
    return os.open(path(name), os.O_RDONLY | os.O_DIRECTORY)


@case
def libraries():
    for name in ["few", "many", "full", "empty"]:
        yield name, len(os.listdir(path(name))), sorted(os.listdir(path(name)))[:20]
        yield name, sorted((entry.name, entry.is_dir(), entry.is_symlink()) for entry in os.scandir(path(name)))[:20]
    yield sorted((root.removeprefix(DIRECTORY), sorted(dirs), len(files)) for root, dirs, files in os.walk(DIRECTORY))


@case
def buffers_of_every_size():
    for nr in filter(None, [GETDENTS64, GETDENTS]):
        for name in ["few", "many", "full", "empty"]:
            small = [] if name == "many" else [0, 1, 16, 23, 24, 31, 32, 40, 64]
            for size in small + [280, 281, 1000, 32768, 1 << 20]:
                fd = opened(name)
                result = attempt(lambda: sorted(names(read_all(fd, size, nr))))
                yield name, size, result if len(result) < 20 else (len(result), len(set(result)))
                os.close(fd)


@case
def places_stay_valid():
    for name, size in [("few", 64), ("few", 32768), ("many", 32768)]:
        fd = opened(name)
        entries = read_all(fd, size)
        wrong = 0
        for i in range(0, len(entries), 1 + len(entries) // 50):
            os.lseek(fd, entries[i][1], os.SEEK_SET)
            wrong += names(read_all(fd, size)) != names(entries)[i + 1:]
        yield name, size, wrong, os.lseek(fd, 0, os.SEEK_SET), names(read_all(fd, size)) == names(entries)
        os.close(fd)


@case
def descriptors_share_a_place():
    fd = opened("many")
    first = read(fd, 1000)
    copy = os.dup(fd)
    second = read(copy, 1000)
    child = os.fork()
    if child == 0:
        read(fd, 1000)
        os._exit(0)
    os.waitpid(child, 0)
    rest = read_all(fd, 32768)
    together = names(first) + names(second) + names(rest)
    yield len(set(together)) == len(together), len(together) < len(os.listdir(path("many"))) + 2
    other = opened("many")
    yield names(read(other, 1000)) == names(first)


@case
def received_descriptors():
    left, right = socket.socketpair()
    socket.send_fds(left, [b"x"], [opened("few")])
    _, fds, _, _ = socket.recv_fds(right, 1, 1)
    yield sorted(names(read_all(fds[0], 32768))), sorted(os.listdir(fds[0]))


@case
def wrong_arguments():
    fd = opened("few")
    yield attempt(lambda: call(GETDENTS64, fd, 0, 32768)), attempt(lambda: call(GETDENTS64, fd, 1, 32768))
    room = ctypes.create_string_buffer(32768)
    for nr in filter(None, [GETDENTS64, GETDENTS]):
        for size in [1 << 31, (1 << 32) - 1]:
            yield attempt(lambda: call(nr, fd, ctypes.addressof(room), size)), attempt(lambda: call(nr, fd, 1, size))
    yield "nothing is lost by that", sorted(names(read_all(fd, 32768)))
    yield attempt(lambda: read(99, 100)), attempt(lambda: read(-1, 100))
    with open(path("few/a")) as file:
        yield attempt(lambda: read(file.fileno(), 100))
    yield attempt(lambda: read(os.open(DIRECTORY, os.O_PATH), 100)), attempt(lambda: read(socket.socket().fileno(), 100))


@case
def memory_that_ends():
    area = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    LIBC.mprotect(ctypes.c_void_p(start + mmap.PAGESIZE), mmap.PAGESIZE, 0)
    for room in [16, 24, 100, 1000]:
        fd = opened("many")
        found = []
        while True:
            result = attempt(lambda: call(GETDENTS64, fd, start + mmap.PAGESIZE - room, 32768))
            if not isinstance(result, int) or result == 0:
                break
            found += names(parse(area[mmap.PAGESIZE - room:mmap.PAGESIZE - room + result]))
        yield room, result, (len(found), len(set(found))) if room > 24 else "no more than one"
        os.close(fd)


@case
def directories_that_are_gone():
    os.mkdir("gone")
    fd = os.open("gone", os.O_RDONLY)
    os.rmdir("gone")
    yield attempt(lambda: read(fd, 100))


@case
def names_that_stay_while_others_come_and_go():
    os.mkdir("busy")
    stay = {f"stay{i:03}" for i in range(200)}
    for name in stay:
        open(f"busy/{name}", "w").close()
    ended = threading.Event()

    def churn():
        i = 0
        while not ended.is_set():
            open(f"busy/come{i % 300}", "w").close()
            os.unlink(f"busy/come{i % 300}")
            i += 1

    thread = threading.Thread(target=churn)
    thread.start()
    wrong = 0
    for size in [300, 1000, 32768] * 20:
        fd = os.open("busy", os.O_RDONLY)
        found = [name for name in names(read_all(fd, size)) if name.startswith("stay")]
        wrong += sorted(found) != sorted(stay)
        os.close(fd)
    ended.set()
    thread.join()
    yield wrong


@case
def a_name_that_is_not_there():
    for name in ["few/hidden", "full/hidden0", "few/hidden/below"]:
        yield attempt(lambda: os.stat(path(name))), attempt(lambda: os.lstat(path(name)))
        yield attempt(lambda: os.open(path(name), os.O_RDONLY)), attempt(lambda: os.open(path(name), os.O_PATH))
        yield attempt(lambda: os.unlink(path(name))), attempt(lambda: os.rmdir(path(name)))
        yield attempt(lambda: os.rename(path(name), "x")), attempt(lambda: os.link(path(name), "x"))
        yield attempt(lambda: os.chmod(path(name), 0o600)), attempt(lambda: os.utime(path(name))), os.access(path(name), 0)
        yield attempt(lambda: os.readlink(path(name))), attempt(lambda: os.listxattr(path(name)))
        yield attempt(lambda: os.truncate(path(name), 0)), attempt(lambda: os.statvfs(path(name)))
        yield attempt(lambda: os.chdir(path(name))), attempt(lambda: os.execv(path(name), ["x"]))
        yield attempt(lambda: os.mkfifo(path(name + "/x"))), attempt(lambda: os.symlink("x", path(name + "/x")))
        yield os.path.exists(path(name)), errno.errorcode[errno.ENOENT]


run()
