"""made_up_container.py SOCKET STATE CALLS: a process that is handed over to an agent as a container would be.

STATE is the state as JSON, without fds and pid; CALLS are the names of calls whose filter notifies, split by commas. Then, for each line of
standard input:

NAME ARG...   makes that call, an ARG being a number, a path, or @PATH: where that file is in memory; and prints what it returns, or the name
   of its errno
own   has a mount namespace of its own from here on; prints "own"
many N NAME ARG...   the same N times, and prints the last
later NAME ARG...   makes that call in a thread of its own, and prints its name and what it returns when it does
connect PATH   the same as the call, to the Unix socket there
busy N NAME ARG...   the same from N threads, again and again, until the end; prints "busy"
"""
import ctypes
import errno
import json
import mmap
import os
import socket
import struct
import sys
import threading

from notified import hand_over, libc, number


CLONE_NEWNS = 0x20000


def connect(path):
    address = struct.pack("=H", socket.AF_UNIX) + path.encode() + b"\0"
    return [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).detach(), address, len(address)]


def argument(word):
    if word.startswith("@"):
        return ctypes.c_long(mapped(word[1:]))
    return ctypes.c_long(int(word)) if word.lstrip("-").isdigit() else word.encode()


def mapped(path):
    libc.mmap.restype = ctypes.c_long
    descriptor = os.open(path, os.O_RDONLY)
    return libc.mmap(None, ctypes.c_long(4096), mmap.PROT_READ, mmap.MAP_SHARED, descriptor, ctypes.c_long(0))


def call(words):
    arguments = connect(words[1]) if words[0] == "connect" else [argument(word) for word in words[1:]]
    result = libc.syscall(number(words[0]), *arguments)
    return str(result) if result >= 0 else errno.errorcode[ctypes.get_errno()]


def later(words):
    os.write(1, f"{words[0]} {call(words)}\n".encode())  # at once, whatever other threads print


def forever(words):
    while True:
        call(words)


path, state, names = sys.argv[1:]
connection = hand_over(path, {"calls": names.split(","), **json.loads(state)})
print("handed over", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "many":
        for _ in range(int(words[1])):
            result = call(words[2:])
        print(result, flush=True)
    elif words[0] == "own":
        libc.unshare(CLONE_NEWNS)
        print("own", flush=True)
    elif words[0] == "later":
        threading.Thread(target=later, args=(words[1:],), daemon=True).start()
    elif words[0] == "busy":
        for _ in range(int(words[1])):
            threading.Thread(target=forever, args=(words[2:],), daemon=True).start()
        print("busy", flush=True)
    else:
        print(call(words), flush=True)
