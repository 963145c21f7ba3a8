package dev.sluice.supervisor.kernel;

/// capabilities(7) that calls are performed with; the numbers are those of linux/capability.h.
public enum Capability {
  CAP_DAC_OVERRIDE(1),
  CAP_NET_ADMIN(12),
  CAP_SYS_MODULE(16),
  CAP_SYS_PTRACE(19),
  CAP_SYS_ADMIN(21),
  CAP_SYS_NICE(23),
  CAP_MKNOD(27),
  CAP_BPF(39);

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  /// In a set, as `/proc/PID/status` has it.
  public long bit() {
    return 1L << number;
  }

  public boolean isIn(long set) {
    return (set & bit()) != 0;
  }
}
