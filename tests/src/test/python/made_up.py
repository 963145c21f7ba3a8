"""made_up.py PLACE CASE...: what is known to be different of files that are served or redirected, read-only or hidden.

PLACE is the directory where they are. Prints a line for each case. The list is src/docs/transparency.md.
"""

import array
import ctypes
import fcntl
import os
import socket
import sys

from cases import LIBC, attempt, case, raw, run

os.chdir(sys.argv[1])
IN_ATTRIB, IN_OPEN = 0x4, 0x20
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS = 0x80086601, 0x40086602
GETDENTS64 = 61 if os.uname().machine == "aarch64" else 217


@case
def links():
    yield os.stat("file").st_nlink


@case
def file_system():
    yield os.stat("file").st_dev == os.stat(".").st_dev


@case
def name_of_descriptor():
    yield os.readlink(f"/proc/self/fd/{os.open('file', os.O_RDONLY)}").split("/")[-1]


@case
def o_path():
    yield attempt(lambda: os.read(os.open("file", os.O_PATH), 3))


@case
def write_without_permission():
    """It needs an ordinary user."""
    yield attempt(lambda: os.open("file", os.O_WRONLY))


@case
def o_noatime():
    """It needs an ordinary user."""
    yield attempt(lambda: os.close(os.open("file", os.O_NOATIME)))


@case
def mode_by_descriptor():
    yield attempt(lambda: os.fchmod(os.open("file", os.O_RDONLY), 0o400))


@case
def owner_by_descriptor():
    yield attempt(lambda: os.fchown(os.open("file", os.O_RDONLY), -1, -1))


@case
def times_by_descriptor():
    yield attempt(lambda: os.utime(os.open("file", os.O_RDONLY), (1, 2)))


@case
def attribute_by_descriptor():
    yield attempt(lambda: os.setxattr(os.open("file", os.O_RDONLY), "user.x", b"x"))


@case
def flags_by_descriptor():
    fd, flags = os.open("file", os.O_RDONLY), array.array("i", [0])
    fcntl.ioctl(fd, FS_IOC_GETFLAGS, flags)
    yield attempt(lambda: fcntl.ioctl(fd, FS_IOC_SETFLAGS, flags))


@case
def listed():
    yield sorted(os.listdir("."))


@case
def path_behind():
    yield attempt(lambda: os.open("file/behind", os.O_RDONLY))


@case
def watch():
    result = raw("inotify_add_watch", LIBC.inotify_init(), b"file", IN_OPEN)
    yield result if isinstance(result, str) else "watched"


@case
def moved_out():
    yield attempt(lambda: os.rename("file", "../moved"))


@case
def moved_in():
    yield attempt(lambda: os.rename("../other", "file"))


@case
def made():
    yield attempt(lambda: os.mkdir("hidden"))


@case
def directory_with_hidden_names():
    yield os.stat("directory").st_nlink, attempt(lambda: os.rmdir("directory"))


@case
def listed_at_once():
    os.mkdir("many")
    for i in range(2000):
        open(f"many/name{i}", "w").close()
    buffer = ctypes.create_string_buffer(1 << 20)
    yield raw("syscall", GETDENTS64, os.open("many", os.O_RDONLY), buffer, len(buffer)) > 1 << 15


@case
def connected():
    with socket.socket(socket.AF_UNIX) as client:
        yield attempt(lambda: client.connect("sockets/hidden"))


@case
def open_before():
    """With a file that is hidden for standard input."""
    told = LIBC.inotify_init()
    raw("inotify_add_watch", told, b".", IN_ATTRIB)
    os.fchmod(0, 0o600)
    yield os.read(0, 6), os.read(told, 300)[16:].rstrip(b"\0")


run()
