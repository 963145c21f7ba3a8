"""Filters that notify, and handing their listeners over to an agent as an OCI runtime does."""
import array
import ctypes
import json
import os
import socket
import struct

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


def hand_over(path, state):
    """Has the calls that `state["calls"]` names decided by the agent there from here on. Of `state`, the rest is the OCI state."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    fd = listener(state.pop("calls"))
    whole = {"ociVersion": "1.0.2", "fds": ["seccompFd"], "pid": os.getpid(), **state}
    connection.sendmsg([json.dumps(whole).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
    os.close(fd)
    return connection
