"""socket_differences.py - CASE...: what is known to be different where connects, binds and sends are performed.

The working directory is empty. Prints a line for each case. The list is src/docs/transparency.md.
"""

import ctypes
import os
import socket
import struct

from cases import attempt, case, raw, run
from sockets import inet, port_of, Mmsghdr, message

SO_SNDBUFFORCE, SO_PEERCRED, SO_PASSCRED = 32, 17, 16
SOL_IP, IP_RETOPTS = 0, 7
IPPROTO_IPV6, IPV6_RTHDR, IPV6_2292RTHDR = 41, 57, 5
MSG_ZEROCOPY = 0x4000000


def datagrams():
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


@case
def peer():
    listener, client = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    listener.bind("peer")
    listener.listen()
    client.connect("peer")
    pid, uid, _ = struct.unpack("3i", listener.accept()[0].getsockopt(socket.SOL_SOCKET, SO_PEERCRED, 12))
    yield pid == os.getpid(), uid == os.getuid()


@case
def sender():
    receiver, client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)
    receiver.bind("receiver")
    client.sendto(b"x", "receiver")
    pid, uid, _ = struct.unpack("3i", receiver.recvmsg(9, 99)[1][0][2])
    yield pid == os.getpid(), uid == os.getuid()


@case
def name_of_bound():
    os.mkdir("directory")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind("directory/name")
    yield sock.getsockname()


@case
def named_as_somebody_else():
    receiver, client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind("receiver")
    somebody = struct.pack("3i", os.getpid(), 0, 0)
    yield attempt(lambda: client.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, somebody)], 0, "receiver"))


@case
def wrong_address_and_many_parts():
    with datagrams() as sock:
        header = message(inet("127.0.0.1", port_of(sock)), b"x")
        header.name, header.iovlen = ctypes.cast(1, ctypes.c_char_p), 2000
        yield raw("sendmsg", sock.fileno(), ctypes.byref(header), 0)


@case
def unspecified_family():
    address = struct.pack("=H", socket.AF_UNSPEC) + bytes(14)
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        yield raw("bind", sock.fileno(), address, 16)


@case
def zero_copy():
    with datagrams() as to, socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, 60, 1)  # SO_ZEROCOPY
        yield attempt(lambda: sock.sendto(b"x", MSG_ZEROCOPY, to.getsockname()))


@case
def messages_to_two():
    with datagrams() as one, datagrams() as two, socket.socket(type=socket.SOCK_DGRAM) as sock:
        headers = (Mmsghdr * 2)(*[Mmsghdr(message(inet("127.0.0.1", port_of(to)), b"x"), 0) for to in (one, two)])
        yield raw("sendmmsg", sock.fileno(), headers, 2, 0)


@case
def options_of_one_message():
    with datagrams() as to, socket.socket(type=socket.SOCK_DGRAM) as sock:
        yield attempt(lambda: sock.sendmsg([b"x"], [(SOL_IP, IP_RETOPTS, b"\1\1\1\1")], 0, to.getsockname()))


@case
def route_of_one_message():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        yield tuple(
            attempt(lambda kind=kind: sock.sendmsg([b"x"], [(IPPROTO_IPV6, kind, bytes(8))], 0, ("::1", 9)))
            for kind in (IPV6_RTHDR, IPV6_2292RTHDR)
        )


@case
def large_datagram():
    """It needs root."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        to.bind("large")
        sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
        yield attempt(lambda: sock.sendto(bytes(3 << 19), "large"))


@case
def datagram_of_another():
    """It needs an ordinary user."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        to.bind("larger")
        yield attempt(lambda: sock.sendto(bytes((1 << 16) + 1), "larger"))


@case
def descriptors_of_another():
    """It needs an ordinary user."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("15i", *[0] * 15))]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        to.bind("many")
        yield attempt(lambda: sock.sendmsg([b"x"], rights, 0, "many"))


@case
def wrong_socket_and_address():
    yield raw("connect", 99, 16, 16)


run()
