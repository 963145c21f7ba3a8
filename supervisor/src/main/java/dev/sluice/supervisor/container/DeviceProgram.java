package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Numbers;
import dev.sluice.supervisor.kernel.Bpf;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Operation;

/// A device program that a caller wants to have loaded (bpf(2), BPF_PROG_LOAD), copied once. All
/// methods throw [Abort].
final class DeviceProgram {
  static final int BPF = Numbers.of("bpf");

  /// BPF_MAXINSNS, which is what whoever has no capability may load.
  private static final int MAX_INSTRUCTIONS = 4096;

  /// To answer 0, and to end.
  private static final int TRIAL_INSTRUCTIONS = 2;

  private static final int MAX_LICENSE = 128;
  static final int SIZEOF_NAME = 16;

  /// UINT_MAX >> 2 (kernel/bpf/log.c)
  private static final int LOG_SIZES = 0x3fffffff;

  /// What fits into a message to a worker with the longest program.
  private static final int MAX_LOG = 32768;

  private final Call call;
  private final BpfAttributes given;
  private final NativeBytes instructions;
  private final NativeBytes license;

  private DeviceProgram(
      Call call, BpfAttributes given, NativeBytes instructions, NativeBytes license) {
    this.call = call;
    this.given = given;
    this.instructions = instructions;
    this.license = license;
  }

  /// With E2BIG, EINVAL and EFAULT as the kernel; with EPERM if it is a program of another type,
  /// and with EINVAL if it has anything that such a program need not have.
  static DeviceProgram of(Call call, BpfAttributes given) {
    if (given.getInt(Bpf.PROG_TYPE) != Bpf.PROG_TYPE_CGROUP_DEVICE && !isTrial(given)) {
      throw Abort.errno(Errno.EPERM);
    }
    int attachType = given.getInt(Bpf.EXPECTED_ATTACH_TYPE);
    BpfAttributes.check(
        given.getInt(Bpf.PROG_FLAGS) == 0
            && given.getInt(Bpf.PROG_IFINDEX) == 0
            && (attachType == 0 || attachType == Bpf.CGROUP_DEVICE));
    given.checkZero(Bpf.PROG_BTF_FD, Bpf.LOG_TRUE_SIZE);
    boolean hasLog = given.getLong(Bpf.LOG_BUF) != 0;
    int logSize = given.getInt(Bpf.LOG_SIZE);
    BpfAttributes.check(hasLog == (logSize != 0) && (logSize & ~LOG_SIZES) == 0);
    int count = given.getInt(Bpf.INSN_CNT);
    if (count == 0 || Integer.compareUnsigned(count, MAX_INSTRUCTIONS) > 0) {
      throw Abort.errno(Errno.E2BIG);
    }
    NativeBytes code = NativeBytes.allocate((long) count * DeviceInstructions.SIZE);
    call.memory().copy(given.getLong(Bpf.INSNS), code, (int) code.size());
    NativeBytes license = license(call, given.getLong(Bpf.LICENSE));
    BpfAttributes.check(DeviceInstructions.arePlain(code, count));
    return new DeviceProgram(call, given, code, license);
  }

  /// Whether it is one that does nothing, as runc(8) loads to learn whether programs can be
  /// attached at all. This one cannot.
  private static boolean isTrial(BpfAttributes given) {
    return given.getInt(Bpf.PROG_TYPE) == Bpf.PROG_TYPE_CGROUP_SKB
        && given.getInt(Bpf.INSN_CNT) == TRIAL_INSTRUCTIONS;
  }

  /// As strncpy_from_user() of the kernel: one that is too long is cut off.
  private static NativeBytes license(Call call, long address) {
    byte[] page = call.memory().copyPage(address);
    byte[] text = new byte[MAX_LICENSE];
    int length = 0;
    while (length < MAX_LICENSE - 1 && length < page.length && page[length] != 0) {
      text[length] = page[length];
      length++;
    }
    if (length == page.length && length < MAX_LICENSE - 1) {
      throw Abort.errno(Errno.EFAULT);
    }
    return NativeBytes.of(text);
  }

  /// A descriptor of the program, ours, or -errno; the verifier's log is in the caller's memory
  /// then. It is loaded by whoever has the caller's ids, as which the kernel remembers it, in its
  /// cgroups, which are charged with it, and without CAP_PERFMON, so that it is verified as that of
  /// somebody who is not trusted.
  int load(long capabilities) {
    int room = Math.min(given.getInt(Bpf.LOG_SIZE), MAX_LOG);
    NativeBytes log = NativeBytes.allocate(room);
    NativeBytes attributes = NativeBytes.allocate(Bpf.SIZEOF_ATTR);
    given.copyTo(attributes, Bpf.PROG_TYPE, 2 * Integer.BYTES);
    given.copyTo(attributes, Bpf.LOG_LEVEL, Integer.BYTES);
    given.copyTo(attributes, Bpf.PROG_NAME, SIZEOF_NAME);
    given.copyTo(attributes, Bpf.EXPECTED_ATTACH_TYPE, Integer.BYTES);
    Operation operation =
        call.operation()
            .begin(BPF)
            .value(Bpf.PROG_LOAD)
            .output(attributes, Bpf.SIZEOF_ATTR)
            .member(Bpf.INSNS, instructions, (int) instructions.size())
            .member(Bpf.LICENSE, license, MAX_LICENSE);
    if (room > 0) {
      attributes.putInt(Bpf.LOG_SIZE, room);
      operation.member(Bpf.LOG_BUF, log, room);
    }
    operation.value(Bpf.SIZEOF_ATTR).inDeviceCgroups();
    int program = call.privilegedSyscalls(capabilities).open(operation);
    boolean well = false;
    try {
      writeLog(log, room);
      given.writeInt(Bpf.LOG_TRUE_SIZE, attributes.getInt(Bpf.LOG_TRUE_SIZE));
      well = true;
      return program;
    } finally {
      if (!well) {
        Files.close(program);
      }
    }
  }

  private void writeLog(NativeBytes log, int room) {
    int nul = log.indexOfNul(0, room);
    int count = nul < 0 ? room : nul + 1;
    if (count > 0) {
      call.memory().write(given.getLong(Bpf.LOG_BUF), log, count);
    }
  }
}
