"""many_containers.py SOCKET COUNT ALIVE WAITING: containers that are handed over to an agent as a runtime would hand them.

ALIVE of them stay, and are not quiet: now and then each starts a process that makes calls, and each once had WAITING opens wait at the same
time. COUNT of them are started one after another meanwhile; each makes calls, as an exec in it does that is handed over besides, and ends.

The policy of the agent has getppid return 4711, and looks at the path of every open. Prints "half" after half of COUNT, and goes on when it
reads a line; then "containers=COUNT wrong=N", N being how many calls failed, and ends when it reads another.
"""
import os
import signal
import sys
import threading

from notified import hand_over, libc, number

OPENED = os.path.abspath(__file__)
RETURNED = 4711


def calls():
    """Whether all went well."""
    if libc.getppid() != RETURNED:
        return False
    try:
        os.close(os.open(OPENED, os.O_RDONLY))
        return True
    except OSError:
        return False


def child(act):
    """Forks; returns the process, which ends with 0 if `act` says that all went well."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if act() else 1
        finally:
            os._exit(status)
    return pid


def ends_well(pid):
    return os.waitpid(pid, 0)[1] == 0


def container(path, name):
    def act():
        hand_over(path, {"calls": ["getppid", "openat"], "state": {"id": name, "bundle": "/b", "annotations": {}}}).close()
        return calls()

    return ends_well(child(act)) and ends_well(child(act))  # the latter is an exec


def opens():
    """How many threads of ours wait for an open."""
    def is_opening(thread):
        with open(f"/proc/self/task/{thread}/syscall", encoding="ascii") as file:
            return file.read().split()[0] == str(number("openat"))

    return sum(is_opening(thread) for thread in os.listdir("/proc/self/task"))


def wait_at_once(name, count):
    """Has `count` threads open a FIFO, whose other end comes when they all do."""
    fifo = f"fifo-{name}"
    os.mkfifo(fifo)
    wrong = []

    def opening():
        try:
            os.close(os.open(fifo, os.O_RDONLY))
        except OSError as failed:
            wrong.append(failed)

    threads = [threading.Thread(target=opening) for _ in range(count)]
    for thread in threads:
        thread.start()
    while opens() < count:
        pass
    with open(fifo, "r+b", buffering=0):
        for thread in threads:
            thread.join()
    os.unlink(fifo)
    return not wrong


def stays(path, name, waiting, end):
    def act():
        hand_over(path, {"calls": ["getppid", "openat"], "state": {"id": name, "bundle": "/b", "annotations": {}}}).close()
        well = wait_at_once(name, waiting) if waiting else calls()
        os.write(ready, b"+" if well else b"-")
        while not ended.wait(5):
            well = well and ends_well(child(calls))
        return well

    ended = threading.Event()
    begun, ready = os.pipe()
    pid = child(lambda: (os.close(end), signal.signal(signal.SIGTERM, lambda *_: ended.set()), act())[-1])
    os.close(ready)
    os.read(begun, 1)  # one after another
    os.close(begun)
    return pid


def main(path, count, alive, waiting):
    threading.stack_size(64 * 1024)
    closed, end = os.pipe()
    staying = [stays(path, f"staying-{i}", waiting, end) for i in range(alive)]
    wrong = 0
    for i in range(count):
        wrong += not container(path, f"container-{i}")
        if i == count // 2:
            print("half", flush=True)
            sys.stdin.readline()
    for pid in staying:
        os.kill(pid, signal.SIGTERM)
    wrong += sum(not ends_well(pid) for pid in staying)
    print(f"containers={count} wrong={wrong}", flush=True)
    sys.stdin.readline()


main(sys.argv[1], *map(int, sys.argv[2:]))
