package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.syscall.Arch;
import java.util.Optional;

/// The architectures of a profile, `SCMP_ARCH_` and these words.
enum ScmpArch {
  NATIVE,
  X86,
  X86_64,
  X32,
  ARM,
  AARCH64,
  LOONGARCH64,
  M68K,
  MIPS,
  MIPS64,
  MIPS64N32,
  MIPSEL,
  MIPSEL64,
  MIPSEL64N32,
  PARISC,
  PARISC64,
  PPC,
  PPC64,
  PPC64LE,
  RISCV64,
  S390,
  S390X,
  SH,
  SHEB;

  static final String PREFIX = "SCMP_ARCH_";

  /// The architecture whose calls we know. X32 is none: its calls arrive as those of x86_64.
  Optional<Arch> arch() {
    return switch (this) {
      case NATIVE -> Optional.of(Arch.host());
      case X86 -> Optional.of(Arch.I386);
      case X86_64 -> Optional.of(Arch.X86_64);
      case AARCH64 -> Optional.of(Arch.AARCH64);
      default -> Optional.empty();
    };
  }

  /// What `includes` and `excludes` call an architecture.
  static String shortName(Arch arch) {
    return switch (arch) {
      case X86_64 -> "amd64";
      case I386 -> "x86";
      case AARCH64 -> "arm64";
    };
  }

  @Override
  public String toString() {
    return PREFIX + name();
  }
}
