"""device_group.py GROUP: from now on the tasks of a group of version 2 of cgroups may neither make nor open devices of the major number 10."""
import ctypes
import os
import struct
import sys

BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
PROG_LOAD, PROG_ATTACH = 5, 8
PROG_TYPE_CGROUP_DEVICE, CGROUP_DEVICE = 15, 6

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    result = libc.syscall(BPF, command, ctypes.create_string_buffer(attributes, 128), 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def instruction(code, register=0, source=0, offset=0, value=0):
    return struct.pack("BBhi", code, source << 4 | register, offset, value)


program = ctypes.create_string_buffer(
    instruction(0x61, 2, 1, 4)  # r2 = the major number
    + instruction(0xB7, 0, value=1)  # r0 = 1
    + instruction(0x55, 2, offset=1, value=10)  # if r2 != 10, leave that
    + instruction(0xB7, 0, value=0)  # r0 = 0
    + instruction(0x95)
)
license = ctypes.create_string_buffer(b"GPL")
loaded = bpf(PROG_LOAD, struct.pack("IIQQ", PROG_TYPE_CGROUP_DEVICE, 5, ctypes.addressof(program), ctypes.addressof(license)))
bpf(PROG_ATTACH, struct.pack("IIII", os.open(sys.argv[1], os.O_RDONLY), loaded, CGROUP_DEVICE, 0))
