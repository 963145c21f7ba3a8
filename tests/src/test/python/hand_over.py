"""hand_over.py SOCKET HOW: what an OCI runtime does with a listener for getppid, in some way; prints what getppid says then.

pieces   the state byte by byte, the descriptor with the first
halves   the state in two parts, the second when it reads a line; prints "half" before
late     the descriptor with the last
pretty   in several lines, with unknown keys, and the connection stays open
big      200 KB
garbage  no JSON
mixed    a number among the names of the descriptors, in front of all else
listed   the metadata in a list
null     no annotations and no metadata, and says so
none     no descriptor
loud     the same, with a long name in which a terminal would find orders
wrong    a pipe in the place of the listener
huge     more than anybody has to say
closed   nothing at all
stream   a socket of bytes in the place of a launcher
launcher a launcher for a command, which fails; it sends ten descriptors with whatever it says
lingering the same, whose descriptors are of sockets that linger
stubborn one that says no more than its greeting, and takes off the limits of our end of the socket
turned   nothing that is read, beside it twenty Unix sockets in which sockets that linger are still to be received
child    the listener of a child, which calls getppid
stalled  nothing, and the connection stays open until standard input ends
crowd    the same with 17 connections
"""
import array
import json
import os
import socket
import struct
import sys

from notified import libc, listener

PROTOCOL = 0x736C7531
NO_NEW_PRIVS_FAILED = 3


def send(connection, data, *fds):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    connection.sendmsg([data], rights)


def lingering():
    """A TCP socket whose last close waits until its data is taken, which nobody does; and the one that does not take it."""
    listening = socket.create_server(("127.0.0.1", 0))
    sending = socket.create_connection(listening.getsockname())
    receiving, _ = listening.accept()
    sending.setblocking(False)
    try:
        while True:
            sending.send(bytes(1 << 20))
    except BlockingIOError:
        pass
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1000))
    sending.setblocking(True)
    return sending, receiving


path, how = sys.argv[1:]
annotations = {"a": "b" * 200_000} if how == "big" else {"quotes": 'a "}" and \\'}
state = {
    "ociVersion": "0.2.0",
    "fds": ["seccompFd"],
    "pid": os.getpid(),
    "metadata": "",
    "state": {"ociVersion": "0.2.0", "id": "made-up", "status": "creating", "bundle": "/b", "annotations": annotations},
}
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(path)
if how == "closed":
    sys.exit()
if how == "turned":
    kept = []
    rights = []
    for _ in range(20):
        sending, receiving = lingering()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        send(ours, b"x", sending.fileno())
        sending.close()
        kept += [receiving, ours]
        rights.append(theirs)
    send(connection, b"x", *(each.fileno() for each in rights))
    for each in rights:
        each.close()
    print("sent", flush=True)
    sys.stdin.read()
    sys.exit()
if how in ("stalled", "crowd"):
    others = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(16 if how == "crowd" else 0)]
    for other in others:
        other.connect(path)
    print("connected", flush=True)
    sys.stdin.read()
    sys.exit()
if how == "child":
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        fd = listener(["getppid"])
        socket.send_fds(theirs, [b"x"], [fd])
        os.close(fd)
        print(libc.getppid(), flush=True)
        os._exit(0)
    _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    send(connection, json.dumps(state).encode(), *fds)
    os.close(fds[0])
    os.wait()
    sys.exit()
fd = listener(["getppid"])
if how == "pieces":
    data = json.dumps(state).encode()
    send(connection, data[:1], fd)
    for byte in data[1:]:
        send(connection, bytes([byte]))
elif how == "halves":
    data = json.dumps(state).encode()
    send(connection, data[:9], fd)
    print("half", flush=True)
    sys.stdin.readline()
    connection.sendall(data[9:])
elif how == "late":
    data = json.dumps(state).encode()
    send(connection, data[:-1])
    send(connection, data[-1:], fd)
elif how == "pretty":
    send(connection, json.dumps({"unknown": [{"a": 1}], **state}, indent=4).encode(), fd)
elif how == "big":
    data = json.dumps(state).encode()
    send(connection, data[:1], fd)
    connection.sendall(data[1:])
elif how == "garbage":
    send(connection, b"[1, 2] no state", fd)
elif how == "mixed":
    send(connection, json.dumps({**state, "fds": ["seccompFd", 1]}).encode(), fd)
elif how == "listed":
    send(connection, json.dumps({**state, "metadata": ["strict"]}).encode(), fd)
elif how == "null":
    state["state"]["annotations"] = None
    state["metadata"] = None
    send(connection, json.dumps(state).encode(), fd)
elif how == "none":
    send(connection, json.dumps(state).encode())
elif how == "loud":
    state["fds"] = ["\x1b[2J\r\nsluice: all is well", "x" * 500_000]
    send(connection, json.dumps(state).encode())
elif how == "wrong":
    send(connection, json.dumps(state).encode(), os.pipe()[0])
elif how == "huge":
    try:
        send(connection, b"{", fd)
        for _ in range(40):
            connection.sendall(b" " * 65536)
    except BrokenPipeError:
        pass
elif how == "stream":
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    state["fds"] = ["sluiceLauncher"]
    send(connection, json.dumps(state).encode(), theirs.fileno())
elif how == "stubborn":
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    state["fds"] = ["sluiceLauncher"]
    send(connection, json.dumps(state).encode(), theirs.fileno())
    send(ours, struct.pack("=2I3Q", PROTOCOL, 0, 0, 0, 0))
    plan = None
    while plan is None:
        for limit in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            theirs.setsockopt(socket.SOL_SOCKET, limit, bytes(16))
        try:
            plan = ours.recv(1 << 16)
        except BlockingIOError:
            pass
    sys.stdin.read()
elif how == "lingering":
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    state["fds"] = ["sluiceLauncher"]
    send(connection, json.dumps(state).encode(), theirs.fileno())
    theirs.close()
    kept = []
    # after the last, nothing more is expected
    for message in (
        struct.pack("=2I3Q", PROTOCOL, 0, 0, 0, 0),
        struct.pack("=4I", PROTOCOL, NO_NEW_PRIVS_FAILED, 1, 0),
        b"more",
    ):
        sending, receiving = lingering()
        send(ours, message, sending.fileno())
        sending.close()
        kept.append(receiving)
    print("sent", flush=True)
    sys.stdin.read()
elif how == "launcher":
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    state["fds"] = ["sluiceLauncher"]
    send(connection, json.dumps(state).encode(), theirs.fileno())
    theirs.close()
    beside = [0] * 10
    send(ours, struct.pack("=2I3Q", PROTOCOL, 0, 0, 0, 0), *beside)
    ours.recv(1 << 16)
    send(ours, struct.pack("=4I", PROTOCOL, NO_NEW_PRIVS_FAILED, 1, 0), *beside)
    ours.recv(1)
if how != "pretty":
    connection.close()
os.close(fd)
try:
    print(libc.getppid() if libc.getppid() >= 0 else "nobody answers")
except OSError as error:
    print(error)
