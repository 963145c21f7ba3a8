"""service.py HOW: a service under sluice-keeper.

slow      says that it starts, and never is ready
store     stores two pipes, then removes one; each time it says what it was given, and ends
silent    is ready, and says nothing more
full      ends when no more processes can be started, then says when it is there again, and stays
hung-up   ends while a child of it waits for the file "go", then stays
at-first  says how often it was started, and is ready but the first time
wrong     ends with status 2 before it is ready
children  ends while a child of it is busy
again     ends, then says when it is there again, and stays
hangs     is ready and ends, then hangs before it is ready, then stays
stays     ends while a child of it is busy in a session of its own
"""
import array
import os
import resource
import socket
import sys
import time

how = sys.argv[1] if len(sys.argv) > 1 else ""


def notify(text, *fds):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.connect(os.environ["NOTIFY_SOCKET"])
    manager.sendmsg([text.encode()], rights)


def say(text):
    print(text, flush=True)


def pipe(text):
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    return reading


def store():
    assert os.environ["LISTEN_PID"] == str(os.getpid())
    names = os.environ["LISTEN_FDNAMES"].split(":")
    assert len(names) == int(os.environ["LISTEN_FDS"])
    say("start " + ":".join(names))
    for fd, name in enumerate(names[1:], 3 + 1):
        text = os.read(fd, 10).decode()
        say(name + ": " + text)
        notify("FDSTOREREMOVE=1\nFDNAME=" + name)
        notify("FDSTORE=1\nFDNAME=" + name, pipe(text))
    notify("READY=1")
    if names == ["runtimes"]:
        notify("FDSTORE=1\nFDPOLL=0\nFDNAME=first", pipe("one"))
        notify("FDSTORE=1\nFDPOLL=0\nFDNAME=second", pipe("two"))
    elif "first" in names:
        notify("FDNAME=first\nFDSTOREREMOVE=1")
        notify("FDSTOREREMOVE=1\nFDNAME=runtimes")
    else:
        time.sleep(1000)


def children():
    if os.path.exists("ended"):
        say("start 2, child has ended")
        notify("READY=1")
        time.sleep(1000)
    notify("READY=1")
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(writing)
        os.read(reading, 1)  # until its parent has ended
        time.sleep(0.3)
        open("ended", "w").close()
        say("child has ended")
        os._exit(0)
    os._exit(1)


def stays():
    notify("READY=1")
    if os.path.exists("child"):
        with open("child") as file:
            os.kill(int(file.read()), 0)
        say("start 2, child is there")
        time.sleep(1000)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.write(writing, b".")
        time.sleep(1000)
    os.read(reading, 1)
    with open("child", "w") as file:
        file.write(str(child))
    os._exit(1)


def starts():
    """How often it was started."""
    with open("starts", "a") as file:
        file.write(".")
    return os.path.getsize("starts")


def stay(seconds=1000):
    """Ready, and alive."""
    notify("READY=1")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.2)
        notify("WATCHDOG=1")


def again():
    if starts() == 1:
        notify("READY=1")
        sys.exit(1)
    say("start 2")
    stay()


def hangs():
    count = starts()
    say("start %d" % count)
    if count == 1:
        notify("READY=1")
    elif count == 2:
        time.sleep(1000)
    else:
        stay()


def at_first():
    count = starts()
    say("start %d" % count)
    if count == 1:
        time.sleep(1000)
    stay()


def full():
    if starts() == 1:
        notify("READY=1")
        resource.prlimit(os.getppid(), resource.RLIMIT_NPROC, (0, 1000))
        sys.exit(1)
    say("start 2")
    stay()


def hung_up():
    if starts() > 1:
        say("start 2")
        stay(12)
        say("still there")
        stay()
    notify("READY=1")
    if os.fork() == 0:
        while not os.path.exists("go"):
            time.sleep(0.01)
    os._exit(1)


if how == "slow":
    say("starting")
    time.sleep(1000)
elif how == "store":
    store()
elif how == "silent":
    notify("READY=1")
    time.sleep(1000)
elif how == "again":
    again()
elif how == "hangs":
    hangs()
elif how == "full":
    full()
elif how == "hung-up":
    hung_up()
elif how == "at-first":
    at_first()
elif how == "children":
    children()
elif how == "stays":
    stays()
else:
    say("wrong")
    sys.exit(2)
