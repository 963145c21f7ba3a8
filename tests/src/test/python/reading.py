"""reading.py FILE [CASE...]: what a program can do with a file that is only read. Prints a line for each.

For a file that a policy serves the lines must be those of a real file with the same content, of root's, that is mounted
read-only.
"""

import errno
import mmap
import os
import sys

from cases import attempt, case, flags_of, raw, run

FILE = sys.argv[1]
ACCESS = {"rdonly": os.O_RDONLY, "wronly": os.O_WRONLY, "rdwr": os.O_RDWR}
MORE = {
    "": 0,
    "cloexec": os.O_CLOEXEC,
    "creat": os.O_CREAT,
    "creat excl": os.O_CREAT | os.O_EXCL,
    "excl": os.O_EXCL,
    "trunc": os.O_TRUNC,
    "creat trunc": os.O_CREAT | os.O_TRUNC,
    "append": os.O_APPEND,
    "nonblock": os.O_NONBLOCK,
    "directory": os.O_DIRECTORY,
    "nofollow": os.O_NOFOLLOW,
    "sync": os.O_SYNC,
    "tmpfile": os.O_TMPFILE,
}


@case
def flags_of_open():
    for access, bits in ACCESS.items():
        for name, more in MORE.items():
            result = attempt(lambda: flags_of(os.open(FILE, bits | more)))
            # who has no permission is told so before; of what is served, everybody is told the same
            yield access, name, "EROFS" if result == "EACCES" else result
    yield "creat", attempt(lambda: os.open(FILE, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644))


@case
def names_of_the_file():
    directory, name = os.path.split(FILE)
    os.symlink(FILE, "link")
    place = os.path.basename(directory)
    paths = {"file/": FILE + "/", "file/.": FILE + "/.", "file/x": FILE + "/x", "link": "link",
             "..": f"{directory}/../{place}/{name}", "root": "/proc/self/root" + FILE}
    for shown, path in paths.items():
        yield shown, attempt(lambda: flags_of(os.open(path, os.O_RDONLY))), attempt(lambda: os.stat(path).st_size)
    fd = os.open(directory, os.O_PATH)
    yield attempt(lambda: flags_of(os.open(name, os.O_RDONLY, dir_fd=fd)))
    yield attempt(lambda: os.stat(name, dir_fd=fd).st_size), attempt(lambda: os.lstat("link").st_mode)


@case
def content():
    with open(FILE, "rb") as file:
        yield file.read(), file.seek(3), file.read(4), file.seek(-2, os.SEEK_END), file.read()
        yield os.pread(file.fileno(), 5, 1), attempt(lambda: os.lseek(file.fileno(), -1, os.SEEK_SET))
        yield attempt(lambda: os.write(file.fileno(), b"x"))
        yield attempt(lambda: os.ftruncate(file.fileno(), 0))
    with open(FILE, "rb") as first, open(FILE, "rb") as second:
        first.read(2)
        yield second.read(), "each open has an offset of its own"


@case
def memory():
    fd = os.open(FILE, os.O_RDONLY)
    for flags in [mmap.MAP_SHARED, mmap.MAP_PRIVATE]:
        with mmap.mmap(fd, 0, flags=flags, prot=mmap.PROT_READ) as mapped:
            yield mapped[:]
    yield attempt(lambda: mmap.mmap(fd, 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE))
    with mmap.mmap(fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE) as mapped:
        mapped[0:1] = b"X"
        yield mapped[:]
    yield os.read(fd, 1000)
    os.close(fd)


def status(stat):
    return f"{stat.st_mode:o} {stat.st_uid} {stat.st_gid} {stat.st_size} {stat.st_rdev} {stat.st_blksize}"


@case
def status_by_name_and_by_descriptor():
    fd = os.open(FILE, os.O_RDONLY)
    yield status(os.stat(FILE)), status(os.lstat(FILE)), status(os.fstat(fd))
    yield os.path.samestat(os.stat(FILE), os.fstat(fd)), os.path.sameopenfile(fd, os.open(FILE, os.O_RDONLY))
    yield os.stat(FILE).st_mtime_ns == os.fstat(fd).st_mtime_ns
    yield os.path.isfile(FILE), os.path.exists(FILE), os.path.islink(FILE), os.path.getsize(FILE)
    os.close(fd)


@case
def places_in_the_tree():
    fd = os.open(FILE, os.O_PATH)
    yield status(os.stat(fd)), os.path.samestat(os.stat(FILE), os.stat(fd))
    again = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)
    yield os.read(again, 1000)
    yield attempt(lambda: os.open(FILE, os.O_PATH | os.O_DIRECTORY))


@case
def what_may_be_done_with_it():
    yield [os.access(FILE, mode) for mode in range(4)], [os.access(FILE, mode, effective_ids=True) for mode in range(4)]
    yield [raw("access", FILE.encode(), mode) for mode in [0, 1, 4, 8, -1]]
    yield attempt(lambda: os.readlink(FILE)), attempt(lambda: os.getxattr(FILE, "user.x")), os.listxattr(FILE)
    yield os.statvfs(FILE).f_namemax, attempt(lambda: os.chdir(FILE)), attempt(lambda: os.listdir(FILE))
    yield attempt(lambda: os.execv(FILE, ["x"]))


@case
def its_attributes_stay():
    yield attempt(lambda: os.symlink("x", FILE)), attempt(lambda: os.mkfifo(FILE))
    for result in [attempt(lambda: os.truncate(FILE, 0)), attempt(lambda: os.chmod(FILE, 0o600)), attempt(lambda: os.utime(FILE)), attempt(lambda: os.utime(FILE, (1, 2))),
                   attempt(lambda: os.setxattr(FILE, "user.x", b"x")), attempt(lambda: os.removexattr(FILE, "user.x"))]:
        yield "EROFS" if result in ("EPERM", "EACCES") else result


@case
def what_would_change_it():
    yield attempt(lambda: os.mkdir(FILE)), attempt(lambda: os.unlink(FILE)), attempt(lambda: os.rmdir(FILE))
    yield attempt(lambda: os.rename(FILE, FILE + ".old"))
    yield attempt(lambda: os.link(FILE, FILE + ".other"))
    with open("other", "w") as other:
        other.write("other")
    yield errno.EROFS if attempt(lambda: os.rename("other", FILE)) in ("EROFS", "EXDEV") else "renamed"


run()
