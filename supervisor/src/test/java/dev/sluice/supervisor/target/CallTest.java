package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import org.junit.jupiter.api.Test;

class CallTest {
  private static final long REGISTER = 0xdead_beef_ffff_fff0L;

  /// A 64-bit program that calls by `int 0x80` leaves in the upper halves what it had there.
  @Test
  void aRegisterOf32BitsHasNoUpperHalf() {
    assertThat(Calls.of(Arch.I386, "open", REGISTER).arg(0)).isEqualTo(0xffff_fff0L);
    assertThat(Calls.of(Arch.I386, "open", REGISTER).intArg(0)).isEqualTo(-16);
    assertThat(Calls.of(Arch.X86_64, "open", REGISTER).arg(0)).isEqualTo(REGISTER);
  }
}
