"""made_up_container.py SOCKET STATE CALLS: a process that is handed over to an agent as a container would be.

STATE is the state as JSON, without fds and pid; CALLS are the names of calls whose filter notifies, split by commas. Then, for each line of
standard input:

NAME ARG...   makes that call, an ARG being a number or a path, and prints what it returns, or the name of its errno
many N NAME ARG...   the same N times, and prints the last
later NAME ARG...   makes that call in a thread of its own, and prints its name and what it returns when it does
connect PATH   the same as the call, to the Unix socket there
busy N NAME ARG...   the same from N threads, again and again, until the end; prints "busy"
"""
import array
import ctypes
import errno
import json
import os
import socket
import struct
import sys
import threading

NUMBERS = {"getppid": (110, 173), "mkdir": (83, None), "chmod": (90, None), "openat": (257, 56), "getpgid": (121, 155), "sync": (162, 81), "connect": (42, 203)}
ARM = os.uname().machine == "aarch64"
libc = ctypes.CDLL(None, use_errno=True)


def number(name):
    return NUMBERS[name][ARM]


def listener(names):
    instructions = [(0x20, 0, 0, 0)]
    for name in names:
        instructions += [(0x15, 0, 1, number(name)), (0x06, 0, 0, 0x7FC00000)]
    instructions.append((0x06, 0, 0, 0x7FFF0000))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in instructions))
    program = struct.pack("HxxxxxxQ", len(instructions), ctypes.addressof(code))
    if libc.prctl(38, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    fd = libc.syscall(277 if ARM else 317, 1, 8, program)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return fd


def connect(path):
    address = struct.pack("=H", socket.AF_UNIX) + path.encode() + b"\0"
    return [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).detach(), address, len(address)]


def call(words):
    arguments = connect(words[1]) if words[0] == "connect" else [ctypes.c_long(int(word)) if word.lstrip("-").isdigit() else word.encode() for word in words[1:]]
    result = libc.syscall(number(words[0]), *arguments)
    return str(result) if result >= 0 else errno.errorcode[ctypes.get_errno()]


def later(words):
    os.write(1, f"{words[0]} {call(words)}\n".encode())  # at once, whatever other threads print


def forever(words):
    while True:
        call(words)


path, state, names = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(path)
fd = listener(names.split(","))
whole = {"ociVersion": "1.0.2", "fds": ["seccompFd"], "pid": os.getpid(), **json.loads(state)}
connection.sendmsg([json.dumps(whole).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
os.close(fd)
print("handed over", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "many":
        for _ in range(int(words[1])):
            result = call(words[2:])
        print(result, flush=True)
    elif words[0] == "later":
        threading.Thread(target=later, args=(words[1:],), daemon=True).start()
    elif words[0] == "busy":
        for _ in range(int(words[1])):
            threading.Thread(target=forever, args=(words[2:],), daemon=True).start()
        print("busy", flush=True)
    else:
        print(call(words), flush=True)
