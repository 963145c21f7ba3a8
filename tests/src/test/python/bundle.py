"""bundle.py DIRECTORY SOCKET SCRIPT [ANNOTATION]: makes an OCI bundle, an unprivileged container with the host's programs that runs a script of sh.

Its seccomp profile is DIRECTORY/profile.json, with SOCKET as listenerPath, or as the ANNOTATION if one is named.
"""
import json
import os
import subprocess
import sys

directory, socket, script, *annotations = sys.argv[1:]
os.chdir(directory)
for name in ["proc", "sys", "dev", "tmp", "usr", "etc", "root", "run"]:
    os.makedirs("rootfs/" + name)
    os.chown("rootfs/" + name, 100000, 100000)
for name in ["bin", "lib", "lib64", "sbin"]:
    os.symlink("usr/" + name, "rootfs/" + name)
os.chown("rootfs", 100000, 100000)
os.chmod("rootfs/tmp", 0o1777)
os.chmod(".", 0o755)

subprocess.run(["runc", "spec"], check=True)
with open("config.json") as file:
    config = json.load(file)
config["process"]["terminal"] = False
config["process"]["args"] = ["sh", "-c", script]
for each in config["process"]["capabilities"]:
    config["process"]["capabilities"][each] = ["CAP_MKNOD", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"]
config["root"] = {"path": "rootfs", "readonly": False}
linux = config["linux"]
linux["namespaces"] = [each for each in linux["namespaces"] if each["type"] != "cgroup"] + [{"type": "user"}]
linux["uidMappings"] = linux["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
linux.pop("resources", None)
config["mounts"] = [each for each in config["mounts"] if each["type"] != "cgroup"] + [
    {"destination": "/" + name, "type": "bind", "source": "/" + name, "options": ["rbind", "ro"]} for name in ["usr", "etc"]
]
with open("profile.json") as file:
    linux["seccomp"] = json.load(file) if annotations else {**json.load(file), "listenerPath": socket}
config["annotations"] = {name: socket for name in annotations}
with open("config.json", "w") as file:
    json.dump(config, file)
