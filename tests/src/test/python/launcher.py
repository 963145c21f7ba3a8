"""launcher.py SOCKET HOW: a client that asks the agent for a command to be supervised, and then does something else.

file      there is no launcher, but a pipe
gone      the launcher ends at once
garbage   it greets in a language of its own
full      nothing can be sent to it
many      it hands over sixteen descriptors in the place of one
wrong     it hands over a pipe in the place of a listener
"""
import array
import json
import os
import socket
import struct
import sys

PROTOCOL = 0x736C7531
HELLO = struct.pack("=II3Q", PROTOCOL, 0, 1, 2, 3)
LISTENING = struct.pack("=IIi", PROTOCOL, 1, 0)


def send(connection, data, *fds):
    connection.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


path, how = sys.argv[1:]
state = {"ociVersion": "1.0.2", "fds": ["sluiceLauncher"], "metadata": "", "state": {"id": "made-up"}}
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(path)
if how == "full":
    ours.sendall(HELLO)
    theirs.setblocking(False)
    try:
        while True:
            theirs.sendall(b"x" * 1024)
    except BlockingIOError:
        theirs.setblocking(True)
send(connection, json.dumps(state).encode(), os.pipe()[0] if how == "file" else theirs.fileno())
theirs.close()
if how == "gone":
    sys.exit()
if how == "garbage":
    ours.sendall(b"hello")
if how in ("many", "wrong"):
    ours.sendall(HELLO)
    ours.recv(65536)
    send(ours, LISTENING, *[os.pipe()[0]] * (16 if how == "many" else 1))
print("waiting", flush=True)
sys.stdin.read()
