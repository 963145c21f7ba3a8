"""lxc_monitor.py SOCKET COOKIE: what LXC's monitor does for a container, and what it does not, by the lines of standard input.

call N         N calls of getppid, one after the other: what they return, each result once
row N          N callers at once, whose calls are all sent before an answer is taken
fifo PATH      an open of a FIFO: the number of the descriptor is 0 or more, or -errno
kill PATH      the same, and the caller is killed once the agent waits for it; then how long the answer is
bad HOW        the packet of a call made wrong: how long the answer is
again          a new connection, as after an answer that did not come
"""
import array
import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

from notified import libc, listener, number

RECV, SEND = 0xC0502100, 0xC0182101
SIZE = 136

path, cookie, *titled = sys.argv[1:]
if not titled:
    os.execv(sys.executable, ["[lxc monitor] /var/lib/made up made-up", "-B", *sys.argv, "titled"])


def rights(*fds):
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]


class Container:
    """A process that makes the calls it is told to; its listener is ours."""

    def __init__(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            for fd in map(int, os.listdir("/proc/self/fd")):
                if fd > 2 and fd != theirs.fileno():
                    try:
                        os.close(fd)
                    except OSError:
                        pass  # that of the directory
            theirs.sendmsg([b"x"], rights(listener(["getppid", "openat"])))
            while word := theirs.recv(4096):
                result = libc.syscall(number("getppid")) if word == b"getppid" else libc.syscall(number("openat"), -100, word, os.O_RDONLY, 0)
                theirs.send(str(result if result >= 0 else -ctypes.get_errno()).encode())
            os._exit(0)
        theirs.close()
        self.say = ours
        _, control, _, _ = ours.recvmsg(1, 64)
        self.listener = array.array("i", control[0][2])[0]

    def receive(self):
        self.notif = bytearray(80)
        fcntl.ioctl(self.listener, RECV, self.notif)
        return self.notif

    def answer(self, reply):
        """As LXC does: what was sent back, or ENOSYS if that is of another length."""
        resp = reply[112:136] if len(reply) == SIZE else bytes(self.notif[:8]) + struct.pack("<qiI", 0, -38, 0)
        fcntl.ioctl(self.listener, SEND, bytearray(resp))

    def end(self):
        self.say.close()
        os.close(self.listener)
        os.waitpid(self.pid, 0)


def connect():
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(path)
    return connection


def packet(notif, reserved=0, monitor=0, sizes=(80, 24, 64), length=None, cookie=cookie):
    head = struct.pack("<Qii3HxxQ", reserved, monitor or os.getpid(), init.pid, *sizes, len(cookie) if length is None else length)
    return head + notif + notif[:8] + bytes(16) + cookie.encode()


def send(container, data, fds=None):
    directory = os.open(f"/proc/{container.pid}", os.O_RDONLY | os.O_DIRECTORY)
    memory = os.open(f"/proc/{container.pid}/mem", os.O_RDWR)
    connection.sendmsg([data], rights(*(fds(directory, memory) if fds else (directory, memory, container.listener))))
    os.close(directory)
    os.close(memory)


def one(container, word, data=None, fds=None):
    """Returns what the call returned, and how long the answer was."""
    container.say.send(word)
    notif = container.receive()
    send(container, (data or packet)(notif), fds)
    reply = connection.recv(4096)
    container.answer(reply)
    return int(container.say.recv(64)), len(reply)


BAD = {
    "short": (lambda notif: packet(notif)[:100], None),
    "long": (lambda notif: packet(notif, cookie="c" * 4000), None),
    "reserved": (lambda notif: packet(notif, reserved=1), None),
    "sizes": (lambda notif: packet(notif, sizes=(96, 24, 64)), None),
    "length": (lambda notif: packet(notif, length=1 << 63), None),
    "cookie": (lambda notif: packet(notif, cookie="another"), None),
    "monitor": (lambda notif: packet(notif, monitor=1), None),
    "two": (packet, lambda directory, memory: (directory, memory)),
    "four": (packet, lambda directory, memory: (directory, memory, init.listener, memory)),
    "many": (packet, lambda directory, memory: (directory, memory, init.listener) + 40 * (memory,)),
    "other": (packet, lambda directory, memory: (directory, memory, memory)),
}

init = Container()
connection = connect()
print("connected", flush=True)
for line in sys.stdin:
    what, *words = line.split()
    if what == "call":
        said = ",".join(str(each) for each in sorted({one(init, b"getppid") for _ in range(int(words[0]))}))
    elif what == "row":
        callers = [Container() for _ in range(int(words[0]))]
        for each in callers:
            each.say.send(b"getppid")
            send(each, packet(each.receive()))
        replies = {reply[112:120]: reply for reply in (connection.recv(4096) for _ in callers)}
        for each in callers:
            each.answer(replies[bytes(each.notif[:8])])
        said = " ".join(each.say.recv(64).decode() for each in callers)
        for each in callers:
            each.end()
    elif what == "fifo":
        said = one(init, words[0].encode())
    elif what == "kill":
        caller = Container()
        caller.say.send(words[0].encode())
        send(caller, packet(caller.receive()))
        print("sent", flush=True)
        sys.stdin.readline()
        os.kill(caller.pid, signal.SIGKILL)
        said = len(connection.recv(4096))
        caller.end()
    elif what == "bad":
        said = one(init, b"getppid", *BAD[words[0]])
    elif what == "again":
        connection.close()
        connection = connect()
        said = "connected"
    print(said, flush=True)
init.end()
