"""forged_command.py SOCKET STATE: a client that asks the agent for a command to be supervised, and says of it what it likes.

STATE is a JSON object without fds. Once it is supervised, prints "started", and for each line of standard input what getppid says.
"""
import array
import json
import socket
import struct
import sys

from notified import libc, listener

PROTOCOL = 0x736C7531
HELLO = struct.pack("=II3Q", PROTOCOL, 0, 1, 2, 3)
LISTENING = struct.pack("=IIi", PROTOCOL, 1, 0)


def send(connection, data, fd):
    connection.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])


path, state = sys.argv[1:]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(path)
send(connection, json.dumps({"fds": ["sluiceLauncher"], **json.loads(state)}).encode(), theirs.fileno())
theirs.close()
ours.sendall(HELLO)
plan = ours.recv(65536)
send(ours, LISTENING, listener(["getppid"]))
verdict = ours.recv(64)
print("started", flush=True)
for _ in sys.stdin:
    print(libc.getppid(), flush=True)
