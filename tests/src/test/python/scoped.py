"""scoped.py: what openat2(2) finds in a tree with a /proc of its own (made where this runs: base/proc is mounted), under each restriction on
resolution. Two runs, one of them supervised, print the same.
"""
import ctypes
import errno
import os
import struct

OPENAT2 = 437
NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH, IN_ROOT = (1 << bit for bit in range(5))
RESTRICTIONS = {
    "none": 0,
    "IN_ROOT": IN_ROOT,
    "BENEATH": BENEATH,
    "NO_MAGICLINKS": NO_MAGICLINKS,
    "NO_SYMLINKS": NO_SYMLINKS,
    "IN_ROOT NO_XDEV": IN_ROOT | NO_XDEV,
    "IN_ROOT NO_MAGICLINKS": IN_ROOT | NO_MAGICLINKS,
    "BENEATH NO_MAGICLINKS": BENEATH | NO_MAGICLINKS,
}
LINKS = {
    "etc": "proc/self",
    "a": "/etc",
    "b": "../base/etc",
    "absolute": "/inner",
    "out": "../../../../../../../../../etc/passwd",
    "leaving": "../outside",
    "dangling": "/sub/nothing",
    "dangling-out": "../nothing",
    "sub/up": "../inner",
    "sub/status": "../proc/self/status",
    "sub/shadow": "/../proc/self/shadow",
}
PATHS = """
    a/shadow a/passwd a/status a/cwd a/cwd/inner a/root/etc/shadow a/exe a/fd/0 a/missing a a/ a/. a/.. a/../self/status a/../../sub/../a/status
    a/../../../../../etc/shadow a/../../../a/status a/task/../status b/status b/shadow etc/status /etc/status /a/shadow ../etc/status
    etc/../../absolute etc/../../out etc/../../leaving etc/../../../outside etc/../../dangling etc/../../a/shadow etc/../../a/../../a/comm
    proc/self/status proc/self/exe proc/self/missing proc/thread-self/comm proc/self/../version proc/self/fd/../../self/comm proc/self/ns/net
    sub/status sub/shadow sub/../etc/status sub/up absolute out leaving dangling-out proc/.. proc/../a/status proc/../../a/status
    """.split()
HERE = os.getcwd()
libc = ctypes.CDLL(None, use_errno=True)


def shown(descriptor):
    if descriptor < 0:
        return errno.errorcode[ctypes.get_errno()]
    path = os.readlink(f"/proc/self/fd/{descriptor}").replace(HERE, "")
    os.close(descriptor)
    return "/".join("PID" if part == str(os.getpid()) else part for part in path.split("/"))


def opened(base, path, flags, mode, resolve):
    return shown(libc.syscall(OPENAT2, base, path.encode(), struct.pack("QQQ", flags, mode, resolve), 24))


for link, text in LINKS.items():
    os.makedirs(os.path.dirname("base/" + link), exist_ok=True)
    os.symlink(text, "base/" + link)
for file in "base/inner", "outside":
    open(file, "w").close()
base = os.open("base", os.O_RDONLY | os.O_DIRECTORY)
for name, resolve in RESTRICTIONS.items():
    for path in PATHS:
        print(name, path, opened(base, path, os.O_RDONLY | os.O_NONBLOCK, 0, resolve))
    for path in "dangling", "dangling-out", "a/../../dangling":
        print(name, "creates", path, opened(base, path, os.O_CREAT | os.O_WRONLY, 0o600, resolve))
        for made in "base/sub/nothing", "base/nothing", "nothing":
            if os.path.exists(made):
                print("made", made)
                os.unlink(made)
