package dev.sluice.supervisor.container;

import dev.sluice.supervisor.kernel.Bpf;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;

/// What bpf(2) says of the device programs of a container. Those of others are not there for it.
/// Methods throw [Abort].
final class DeviceProgramLists {
  /// BPF_CGROUP_MAX_PROGS
  private static final int MAX_PROGRAMS = 64;

  /// The first members of `struct bpf_prog_info`, in bytes
  private static final int TYPE_ID_AND_TAG = 16;

  private DeviceProgramLists() {}

  /// BPF_PROG_QUERY: those that are attached to a cgroup.
  static Verdict query(Call call, BpfAttributes attributes) {
    BpfHandler.checkType(attributes.getInt(Bpf.QUERY_ATTACH_TYPE));
    BpfAttributes.check(attributes.getInt(Bpf.QUERY_FLAGS) == 0);
    attributes.checkEnd(Bpf.END_OF_QUERY);
    NativeBytes ids = NativeBytes.allocate(MAX_PROGRAMS * Integer.BYTES);
    NativeBytes answer = NativeBytes.allocate(Bpf.SIZEOF_ATTR);
    int count = 0;
    try (var cgroup = ContainerCgroup.of(call, attributes.getInt(Bpf.QUERY_TARGET_FD))) {
      Abort.check(Bpf.query(cgroup.descriptor(), answer, ids));
      for (int i = 0; i < answer.getInt(Bpf.QUERY_PROG_CNT); i++) {
        int id = ids.getInt((long) i * Integer.BYTES);
        if (isTheirs(call, id)) {
          ids.putInt((long) count * Integer.BYTES, id);
          count++;
        }
      }
    }
    int room = attributes.getInt(Bpf.QUERY_PROG_CNT);
    boolean isAsked = room != 0 && attributes.getLong(Bpf.QUERY_PROG_IDS) != 0;
    int fitting = Integer.compareUnsigned(room, count) < 0 ? room : count;
    attributes.writeInt(Bpf.QUERY_ATTACH_FLAGS, answer.getInt(Bpf.QUERY_ATTACH_FLAGS));
    attributes.writeInt(Bpf.QUERY_PROG_CNT, count);
    if (isAsked) {
      call.memory().write(attributes.getLong(Bpf.QUERY_PROG_IDS), ids, fitting * Integer.BYTES);
    }
    return isAsked && fitting < count
        ? Verdict.Fail.of(Errno.ENOSPC.number())
        : Verdict.Return.of(0);
  }

  private static boolean isTheirs(Call call, int id) {
    int program = Bpf.program(id);
    try {
      return program >= 0 && DevicePrograms.isOf(call.task(), program);
    } finally {
      Files.close(program);
    }
  }

  /// BPF_PROG_GET_FD_BY_ID; natively, too, it is EPERM for a container.
  static Verdict open(Call call, BpfAttributes attributes) {
    attributes.checkEnd(Bpf.PROG_ID + Integer.BYTES);
    int program = Bpf.program(attributes.getInt(Bpf.PROG_ID));
    boolean isTheirs = false;
    try {
      isTheirs = program >= 0 && DevicePrograms.isOf(call.task(), program);
    } finally {
      if (!isTheirs) {
        Files.close(program);
      }
    }
    return isTheirs
        ? Verdict.InjectFd.of(DevicePrograms.ALL.add(call, program), true)
        : Verdict.Fail.of(Errno.EPERM.number());
  }

  /// BPF_OBJ_GET_INFO_BY_FD: no more than what tells a program from others.
  static Verdict info(Call call, BpfAttributes attributes) {
    attributes.checkEnd(Bpf.END_OF_INFO);
    int program = DevicePrograms.ALL.open(call, attributes.getInt(Bpf.INFO_FD));
    NativeBytes all = NativeBytes.allocate(Bpf.SIZEOF_INFO);
    try {
      Abort.check(Bpf.info(program, all));
    } finally {
      Files.close(program);
    }
    NativeBytes told = NativeBytes.allocate(Bpf.SIZEOF_INFO);
    told.put(Bpf.INFO_TYPE, all, Bpf.INFO_TYPE, TYPE_ID_AND_TAG);
    told.put(Bpf.INFO_LOAD_TIME, all, Bpf.INFO_LOAD_TIME, Long.BYTES);
    told.put(Bpf.INFO_NAME, all, Bpf.INFO_NAME, DeviceProgram.SIZEOF_NAME);
    int room = attributes.getInt(Bpf.INFO_LEN);
    int count = Integer.compareUnsigned(room, Bpf.SIZEOF_INFO) < 0 ? room : Bpf.SIZEOF_INFO;
    call.memory().write(attributes.getLong(Bpf.INFO), told, count);
    attributes.writeInt(Bpf.INFO_LEN, count);
    return Verdict.Return.of(0);
  }
}
