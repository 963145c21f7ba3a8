"""dropped.py SOCKET FILE: has opens decided by an agent, under a filter that notifies nothing else, and reads FILE as root and as somebody else."""
import os
import sys

from notified import hand_over

path, file = sys.argv[1:]
hand_over(path, {"calls": ["openat"], "state": {"id": "made-up", "status": "creating", "bundle": "/b\0"}})


def read(who):
    try:
        os.close(os.open(file, os.O_RDONLY))
        print(who, "may", flush=True)
    except OSError as e:
        print(who, e.strerror, flush=True)


read("root")
os.setgroups([])
os.setgid(1000)
os.setuid(1000)
read("another")
