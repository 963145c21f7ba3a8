"""sockets.py [CASE...]: calls that give a socket an address, and sends. Prints a line for each: what it led to.

Natively and under a policy that looks at every address and denies none, the lines must be the same.
"""

import array
import ctypes
import errno
import mmap
import os
import select
import signal
import socket
import struct
import sys
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CASES = []


def case(function):
    CASES.append(function)
    return function


def attempt(action):
    """What came of it: a value, or the name of an errno."""
    try:
        return action()
    except TimeoutError as e:
        return errno.errorcode.get(e.errno, "timeout")
    except OSError as e:
        return errno.errorcode.get(e.errno, e.errno)


def raw(name, *args):
    result = getattr(LIBC, name)(*args)
    return result if result >= 0 else errno.errorcode[ctypes.get_errno()]


def listener(family=socket.AF_INET, address=("127.0.0.1", 0), backlog=16):
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind(address)
    sock.listen(backlog)
    return sock


def full(family, address):
    """A listener whose queue is full: the next connect waits."""
    sock = listener(family, address, 0)
    fillers = []
    while True:
        filler = socket.socket(family, socket.SOCK_STREAM)
        filler.setblocking(False)
        fillers.append(filler)
        result = filler.connect_ex(sock.getsockname())
        if result == errno.EAGAIN:
            break
        if result == errno.EINPROGRESS and not select.select([], [filler], [], 2)[1]:
            break
    return sock, fillers


def exchange(client, server):
    peer, _ = server.accept()
    peer.sendall(b"answer")
    return client.recv(9)


def talk(address, server):
    with socket.socket(server.family, socket.SOCK_STREAM) as client:
        client.connect(address)
        return exchange(client, server), client.getpeername() == server.getsockname()


def inet(ip, port):
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(ip) + bytes(8)


def port_of(sock):
    return sock.getsockname()[1]


@case
def tcp_connects():
    with listener() as server:
        yield talk(server.getsockname(), server)
        yield talk(("0.0.0.0", port_of(server)), server)
        yield talk(("localhost", port_of(server)), server)
        yield attempt(lambda: socket.create_connection(("127.0.0.1", 1)))


@case
def tcp_over_ipv6():
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        for ip in ["::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"]:
            with socket.socket(socket.AF_INET6) as client:
                yield ip, attempt(lambda: client.connect((ip, port_of(server)))), exchange(client, server)
                yield client.getpeername()[0]


@case
def tcp_without_blocking():
    with listener() as server, socket.socket() as client:
        client.setblocking(False)
        yield errno.errorcode[client.connect_ex(server.getsockname())]
        select.select([], [client], [])
        yield client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        yield client.connect_ex(server.getsockname()), errno.errorcode[client.connect_ex(server.getsockname())]
        client.setblocking(True)
        yield exchange(client, server)


@case
def a_send_connects():
    fast_open = 0x20000000
    for blocking in True, False:
        with listener() as server, socket.socket() as client:
            client.setblocking(blocking)
            yield attempt(lambda: client.sendto(b"hello", fast_open, server.getsockname()))
            peer, _ = server.accept()
            if blocking:
                yield attempt(lambda: client.sendto(b"again", fast_open, server.getsockname()))
                yield attempt(lambda: client.connect(server.getsockname()))
            client.close()
            yield peer.recv(9)
    with listener() as server, socket.socket() as client:
        yield attempt(lambda: client.sendto(b"hello", fast_open, ("127.0.0.1", 1)))
        yield attempt(lambda: client.connect(server.getsockname()))
    with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        yield sender.sendto(b"hello", fast_open, receiver.getsockname()), attempt(sender.getpeername)


@case
def wrong_addresses():
    with socket.socket() as tcp, open("file", "w") as file:
        loopback = inet("127.0.0.1", 1)
        yield raw("connect", 999, loopback, 16), raw("connect", -1, loopback, 16)
        yield raw("connect", file.fileno(), loopback, 16)
        yield [raw("connect", tcp.fileno(), loopback, n) for n in (0, 1, 2, 8, 15, -1, 129, 4096)]
        yield raw("connect", tcp.fileno(), 0, 16), raw("connect", tcp.fileno(), 1, 16)
        yield raw("connect", tcp.fileno(), b"\x0a\0" + bytes(26), 28)
        yield raw("connect", tcp.fileno(), b"\1\0file", 6), raw("connect", tcp.fileno(), b"\x63\0/x", 4)
        yield [raw("bind", tcp.fileno(), loopback, n) for n in (0, 1, 2, 8, 15, -1, 129)]
        yield raw("bind", tcp.fileno(), 0, 16)


@case
def udp_connects_and_disconnects():
    with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        sender.connect(receiver.getsockname())
        yield sender.send(b"one"), sender.sendmsg([b"t", b"wo"]), receiver.recv(9), receiver.recv(9)
        yield raw("connect", sender.fileno(), bytes(16), 16)
        yield attempt(lambda: sender.send(b"x")), attempt(lambda: sender.sendmsg([b"x"]))


@case
def udp_sends():
    with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        to = receiver.getsockname()
        sent = [
            lambda: sender.sendto(b"one", to),
            lambda: sender.sendmsg([b"t", b"", b"wo"], [], 0, to),
            lambda: sender.sendto(b"", to),
            lambda: sender.sendmsg([], [], 0, to),
            lambda: sender.sendto(bytes(65507), to),
            lambda: sender.sendmsg([bytes(60000), bytes(5507)], [], socket.MSG_DONTWAIT, to),
        ]
        for send in sent:
            yield attempt(send), len(receiver.recv(100000))
        yield attempt(lambda: sender.sendto(bytes(65508), to)), attempt(lambda: sender.sendto(bytes(3000000), to))
        yield attempt(lambda: sender.sendmsg([b"x"] * 1025, [], 0, to))
        yield raw("sendto", sender.fileno(), 1, 5, 0, inet("127.0.0.1", 9), 16)
        yield raw("sendto", sender.fileno(), b"x", 1, 0, inet("127.0.0.1", 9), 15)
        yield raw("sendmsg", sender.fileno(), 1, 0)
        yield attempt(lambda: sender.sendto(b"x", ("255.255.255.255", 9)))


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class Msghdr(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("namelen", ctypes.c_int), ("iov", ctypes.POINTER(Iovec)),
        ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class Mmsghdr(ctypes.Structure):
    _fields_ = [("header", Msghdr), ("length", ctypes.c_uint)]


def message(to, data):
    return Msghdr(to, len(to) if to else 0, ctypes.pointer(Iovec(data, len(data))), 1, None, 0, 0)


def sendmmsg(sock, *messages):
    array_type = Mmsghdr * len(messages)
    headers = array_type(*[Mmsghdr(message(to, data), 99) for to, data in messages])
    sent = 0
    while sent < len(messages):
        rest = ctypes.byref(headers, sent * ctypes.sizeof(Mmsghdr))
        result = raw("sendmmsg", sock.fileno(), rest, len(messages) - sent, 0)
        if isinstance(result, str):
            return result, [header.length for header in headers]
        sent += result
    return sent, [header.length for header in headers]


@case
def several_messages_in_one_call():
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        to_one, to_two = inet("127.0.0.1", port_of(one)), inet("127.0.0.1", port_of(two))
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            yield sendmmsg(sender, (to_one, b"a"), (to_one, b"bb"), (to_two, b"ccc"), (to_one, b""))
            yield one.recv(9), one.recv(9), one.recv(9), two.recv(9)
            yield sendmmsg(sender, (to_one, b"a"), (None, b"b"))
            yield one.recv(9)
            yield raw("sendmmsg", sender.fileno(), 1, 0, 0), raw("sendmmsg", sender.fileno(), 1, 1, 0)
            sender.connect(two.getsockname())
            yield sendmmsg(sender, (None, b"a"), (None, b"bb")), two.recv(9), two.recv(9)


@case
def several_messages_to_the_kernel():
    def asked(size, sequence):  # nothing, and to be told of it
        return struct.pack("IHHII", size, 1, 5, sequence, 0) + bytes(size - 16)

    kernel = struct.pack("HHII", socket.AF_NETLINK, 0, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as sock:
        yield sendmmsg(sock, (kernel, asked(16, 1)), (kernel, asked(32, 2)), (kernel, asked(16, 3)))
        sock.setblocking(False)
        for _ in range(4):
            yield attempt(lambda: struct.unpack_from("I", sock.recv(8192), 8))


@case
def unix_connects():
    with listener(socket.AF_UNIX, "stream") as server:
        os.symlink("stream", "link")
        os.mkdir("directory")
        for path in ["stream", "./stream", "directory/../stream", os.path.abspath("stream"), "link"]:
            yield path == os.path.abspath(path) or path, talk(path, server)
        for path in ["missing", "missing/x", "file", "directory", "stream/", "stream/x"]:
            with socket.socket(socket.AF_UNIX) as client:
                yield path, attempt(lambda: client.connect(path))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            yield attempt(lambda: client.connect("stream")), attempt(lambda: client.sendto(b"x", "stream"))
        with socket.socket(socket.AF_UNIX) as client:
            yield raw("connect", client.fileno(), b"\1\0", 2), raw("connect", client.fileno(), b"\1\0", 3)
            yield raw("connect", client.fileno(), b"\1\0" + b"x" * 200, 111)
            yield raw("connect", client.fileno(), b"\1\0stream\0rubbish", 16)


@case
def unix_permissions():
    with listener(socket.AF_UNIX, "closed") as server, socket.socket(socket.AF_UNIX) as client:
        os.chmod("closed", 0)
        yield attempt(lambda: client.connect("closed"))
        os.chmod("closed", 0o600)
        yield attempt(lambda: client.connect("closed"))
        peer, _ = server.accept()
        _, uid, gid = struct.unpack("iii", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        yield uid == os.geteuid(), gid == os.getegid()


@case
def abstract_names():
    name = "\0sluice-test-%d\0x" % os.getpid()
    with listener(socket.AF_UNIX, name) as server:
        yield talk(name, server)
        with socket.socket(socket.AF_UNIX) as client:
            yield attempt(lambda: client.connect(name + "x"))
            yield attempt(lambda: client.bind(name))


@case
def binds():
    os.umask(0o027)
    with socket.socket(socket.AF_UNIX) as sock:
        yield attempt(lambda: sock.bind("bound")), oct(os.stat("bound").st_mode), sock.getsockname()
        yield os.stat("bound").st_uid == os.geteuid(), os.stat("bound").st_gid == os.getegid()
        yield attempt(lambda: sock.bind("again"))
    os.mkdir("below")
    os.symlink("nowhere", "dangling")
    for path in ["bound", "file", "below", "below/", "missing/x", "below/x", "below/slash/", "link", "dangling", "n" * 108]:
        with socket.socket(socket.AF_UNIX) as sock:
            yield path, attempt(lambda: sock.bind(path)), os.path.exists(path)
    with socket.socket(socket.AF_UNIX) as sock:
        yield raw("bind", sock.fileno(), b"\1\0", 2), len(sock.getsockname()) > 4
    os.chmod("below", 0o500)
    with socket.socket(socket.AF_UNIX) as sock:
        yield attempt(lambda: sock.bind("below/denied"))
    with socket.socket() as sock:
        yield attempt(lambda: sock.bind(("127.0.0.1", 0))), port_of(sock) > 0
        yield attempt(lambda: sock.bind(("127.0.0.1", 0)))
    with socket.socket() as sock:
        yield attempt(lambda: sock.bind(("127.0.0.1", 999))), attempt(lambda: sock.bind(("192.0.2.1", 0)))
    with listener() as server, socket.socket() as sock:
        yield attempt(lambda: sock.bind(server.getsockname()))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as sock:
        yield attempt(lambda: sock.bind((0, 0)))


@case
def unix_datagrams():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("datagrams")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            yield sender.sendto(b"one", "datagrams"), receiver.recv(9)
            yield sender.sendmsg([b"two"], [], 0, os.path.abspath("datagrams")), receiver.recv(9)
            yield attempt(lambda: sender.sendto(b"x", "missing")), attempt(lambda: sender.sendto(b"x", "file"))
            yield sender.sendmsg([bytes(40000)], [], 0, "datagrams"), len(receiver.recv(99999))


@case
def a_full_receiver_is_waited_for():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("slow")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            count = 0
            while attempt(lambda: sender.sendto(b"x", socket.MSG_DONTWAIT, "slow")) == 1:
                count += 1
            yield attempt(lambda: sender.sendto(b"x", socket.MSG_DONTWAIT, "slow")), count > 0
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 120000))
            begin = time.monotonic()
            yield attempt(lambda: sender.sendto(b"x", "slow")), time.monotonic() - begin >= 0.12
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 0))
            threading.Timer(0.1, lambda: receiver.recv(9)).start()
            yield sender.sendto(b"x", "slow")


def pair(kind=socket.SOCK_STREAM):
    return socket.socketpair(socket.AF_UNIX, kind)


@case
def streams_take_all_of_it():
    data = os.urandom(5000000)
    for flags in [0, socket.MSG_MORE]:
        a, b = pair()
        received = bytearray()
        thread = threading.Thread(target=drain, args=(b, received, len(data)))
        thread.start()
        yield a.sendmsg([data[:10], data[10:70000], data[70000:]], [], flags)
        thread.join()
        yield bytes(received) == data


def drain(sock, to, count):
    while len(to) < count:
        to.extend(sock.recv(65536))


@case
def without_blocking_they_take_what_fits():
    a, b = pair()
    a.setblocking(False)
    size = a.sendmsg([bytes(5000000)])
    received = bytearray()
    drain(b, received, size)
    yield 0 < size < 5000000, attempt(lambda: b.recv(1, socket.MSG_DONTWAIT))
    yield attempt(lambda: (a.sendmsg([bytes(5000000)]), a.sendmsg([b"x"])))


@case
def broken_pipes():
    caught = []
    signal.signal(signal.SIGPIPE, lambda *_: caught.append("SIGPIPE"))
    a, b = pair()
    b.close()
    yield attempt(lambda: a.sendmsg([b"x"], [], socket.MSG_NOSIGNAL)), caught
    yield attempt(lambda: a.sendmsg([b"x"])), caught
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        a.sendmsg([b"x"])
        os._exit(0)
    yield os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@case
def descriptors_travel():
    for kind in [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET]:
        a, b = pair(kind)
        with open("passed", "w+") as file:
            file.write("content")
            file.flush()
            before = len(os.listdir("/proc/self/fd"))
            yield socket.send_fds(a, [b"x"], [file.fileno(), 0, 1])
            data, fds, _, _ = socket.recv_fds(b, 9, 9)
            yield data, len(fds), os.pread(fds[0], 99, 0)
            for fd in fds:
                os.close(fd)
            yield len(os.listdir("/proc/self/fd")) - before
        yield attempt(lambda: socket.send_fds(a, [b"x"], [999]))
        yield attempt(lambda: a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 254))]))


@case
def credentials_travel():
    a, b = pair()
    b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    creds = struct.pack("iii", os.getpid(), os.geteuid(), os.getegid())
    yield attempt(lambda: a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, creds)]))
    data, ancillary, _, _ = b.recvmsg(9, 99)
    yield data, struct.unpack("iii", ancillary[0][2])[1:] == (os.geteuid(), os.getegid())
    yield attempt(lambda: a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, b"short")]))
    with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        receiver.setsockopt(socket.IPPROTO_IP, 13, 1)
        tos = (socket.IPPROTO_IP, socket.IP_TOS, struct.pack("i", 0x10))
        yield sender.sendmsg([b"x"], [tos], 0, receiver.getsockname())
        yield receiver.recvmsg(9, 99)[1]


@case
def only_some_sockets_know_descriptors_and_credentials():
    wrong = [
        (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [999])),
        (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 300)),
        (socket.SOL_SOCKET, socket.SCM_CREDENTIALS, b"short"),
        (socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("iii", 1, 1, 1)),
    ]
    with listener() as server, socket.create_connection(server.getsockname()) as tcp:
        yield [attempt(lambda: tcp.sendmsg([b"x"], [control], 0, server.getsockname())) for control in wrong]
    for family, ip in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
        with socket.socket(family, socket.SOCK_DGRAM) as receiver, socket.socket(family, socket.SOCK_DGRAM) as sender:
            receiver.bind((ip, 0))
            yield [attempt(lambda: sender.sendmsg([b"x"], [control], 0, receiver.getsockname())) for control in wrong]
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as sock:
        nothing = struct.pack("IHHII", 16, 1, 0, 1, 0)
        rights = socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0])
        for control in [rights, *wrong[:3]]:
            yield attempt(lambda: sock.sendmsg([nothing], [control], 0, (0, 0)))


class Interrupted(Exception):
    pass


def with_alarm(action, restart):
    """Runs `action` until a signal comes, after which whatever it waits for is there; whether one came.

    There is another signal later, for where the first came before the call was made.
    """
    ticks = []

    def handler(*_):
        ticks.append(1)

    signal.signal(signal.SIGALRM, handler)
    signal.siginterrupt(signal.SIGALRM, not restart)
    signal.setitimer(signal.ITIMER_REAL, 0.15, 5)
    try:
        return action(), bool(ticks)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@case
def waiting_connects_are_interrupted():
    for family, address in [(socket.AF_UNIX, "full"), (socket.AF_INET, ("127.0.0.1", 0))]:
        server, fillers = full(family, address)
        to = b"\1\0full\0" if family == socket.AF_UNIX else inet("127.0.0.1", port_of(server))
        with socket.socket(family) as client:
            yield with_alarm(lambda: raw("connect", client.fileno(), to, len(to)), False)
        if family == socket.AF_UNIX:
            client = socket.socket(family)
            threading.Timer(2, server.accept).start()
            yield with_alarm(lambda: raw("connect", client.fileno(), to, len(to)), True)
        with socket.socket(family) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 50000))
            yield raw("connect", client.fileno(), to, len(to))
        server.close()


def fill(sock):
    """Sends until there is no more room; returns how many bytes that took."""
    count = 0
    while isinstance(sent := attempt(lambda: sock.send(bytes(65536), socket.MSG_DONTWAIT)), int):
        count += sent
    return count


@case
def waiting_sends_are_interrupted():
    a, b = pair()
    count = fill(a)
    header = message(None, b"x" * 9)
    yield with_alarm(lambda: raw("sendmsg", a.fileno(), ctypes.byref(header), 0), False)
    drainer = threading.Timer(2, lambda: drain(b, bytearray(), count))
    drainer.start()
    yield with_alarm(lambda: raw("sendmsg", a.fileno(), ctypes.byref(header), 0), True)
    drainer.join()
    fill(a)
    a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 50000))
    yield raw("sendmsg", a.fileno(), ctypes.byref(header), 0)


def referenced(address):
    """How much of the mapping there has been touched, in KiB."""
    with open("/proc/self/smaps") as maps:
        lines = iter(maps.readlines())
    next(line for line in lines if line.startswith("%x-" % address))
    return int(next(line for line in lines if line.startswith("Referenced:")).split()[1])


def is_left_alone(address):
    """Whether for some time, twice, nobody touches much of the mapping; looked for until it is so."""
    quiet = 0
    end = time.monotonic() + 20
    while quiet < 2 and time.monotonic() < end:
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("1")
        time.sleep(0.5)
        quiet = quiet + 1 if referenced(address) < 64 else 0
    return quiet == 2


@case
def what_waits_for_room_is_left_alone():
    a, b = pair()
    count = fill(a)
    size = 1 << 20
    data = mmap.mmap(-1, size)
    data.write(bytes(size))
    address = ctypes.addressof(ctypes.c_char.from_buffer(data))
    header = message(None, b"")
    header.iov[0] = Iovec(ctypes.cast(address, ctypes.c_char_p), size)
    sent = []
    thread = threading.Thread(target=lambda: sent.append(raw("sendmsg", a.fileno(), ctypes.byref(header), 0)))
    thread.start()
    yield is_left_alone(address), sent
    drain(b, bytearray(), count + size)
    thread.join()
    yield sent


@case
def nobody_waits_for_who_reads_no_more():
    a, b = pair()
    fill(a)
    threading.Timer(0.1, lambda: b.shutdown(socket.SHUT_RD)).start()
    yield attempt(lambda: a.sendmsg([b"x" * 100000], [], socket.MSG_NOSIGNAL))


@case
def control_messages_that_are_nowhere():
    a, b = pair()
    header = message(None, b"x")
    header.controllen = 24
    yield raw("sendmsg", a.fileno(), ctypes.byref(header), 0)
    b.setblocking(False)
    yield attempt(lambda: b.recv(9))


def main():
    wanted = sys.argv[1:]
    open("file", "w").close()
    for function in CASES:
        if not wanted or function.__name__ in wanted:
            for result in function():
                print(function.__name__, result, flush=True)


if __name__ == "__main__":
    main()
