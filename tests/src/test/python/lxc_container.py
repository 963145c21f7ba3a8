"""lxc_container.py DIRECTORY SOCKET COOKIE CALL...: makes an unprivileged container of LXC, CONTAINERS/made below DIRECTORY, with the host's programs.

Its monitor passes on the CALLs, if SOCKET is not empty. Its first process does what is written to the FIFO rootfs/do, and writes what comes of
it to rootfs/said.
"""
import os
import sys

directory, socket, cookie, *calls = sys.argv[1:]
os.chdir(directory)
for name in ["proc", "sys", "dev", "tmp", "usr", "etc", "mnt"]:
    os.makedirs("rootfs/" + name)
    os.chown("rootfs/" + name, 100000, 100000)
for name in ["bin", "lib", "lib64", "sbin"]:
    os.symlink("usr/" + name, "rootfs/" + name)
with open("rootfs/script", "w") as file:
    file.write("while true; do read -r line </do; eval \"$line\" >/said 2>&1; done\n")
os.mkfifo("rootfs/do")
os.mkfifo("rootfs/said")
for name in ["", "script", "do", "said"]:
    os.chown("rootfs/" + name, 100000, 100000)
for name in [".", "rootfs"]:
    os.chmod(name, 0o755)

os.makedirs("containers/made")
with open("profile", "w") as file:
    file.write("2\ndenylist\n" + "".join(call + " notify\n" for call in calls))
with open("containers/made/config", "w") as file:
    file.write(
        f"""\
lxc.rootfs.path = dir:{directory}/rootfs
lxc.uts.name = made
lxc.net.0.type = empty
lxc.apparmor.profile = unconfined
lxc.idmap = u 0 100000 65536
lxc.idmap = g 0 100000 65536
lxc.mount.auto = proc:rw
lxc.mount.entry = /usr usr none ro,rbind 0 0
lxc.mount.entry = /etc etc none ro,rbind 0 0
lxc.environment = PATH=/usr/sbin:/usr/bin
lxc.init.cmd = /bin/sh /script
"""
    )
    if socket:
        file.write(
            f"""\
lxc.seccomp.profile = {directory}/profile
lxc.seccomp.notify.proxy = unix:{socket}
lxc.seccomp.notify.cookie = {cookie}
"""
        )
