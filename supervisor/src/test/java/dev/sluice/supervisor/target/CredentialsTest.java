package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Whose permissions access(2) asks for.
class CredentialsTest {
  private static final long ALL = 0x1ff;
  private static final OptionalInt ROOT = OptionalInt.of(0);

  private static Credentials of(int real, int effective, long permitted, long capabilities) {
    return new Credentials(
        List.of(real, effective, effective, effective),
        List.of(real, effective, effective, effective),
        List.of(),
        permitted,
        capabilities);
  }

  @Test
  void rootIsRootWhoeverItTakesItselfFor() {
    Credentials asked = of(0, 1000, ALL, 0).real(ROOT);
    assertThat(asked.uids().getLast()).isZero();
    assertThat(asked.gids().getLast()).isZero();
    assertThat(asked.effective()).isEqualTo(ALL);
  }

  @Test
  void whoeverBecameRootIsWhoeverItWas() {
    Credentials asked = of(1000, 0, ALL, ALL).real(ROOT);
    assertThat(asked.uids()).containsExactly(1000, 0, 0, 1000);
    assertThat(asked.effective()).isZero();
  }

  @Test
  void rootOfAUserNamespaceHasAnotherNumber() {
    assertThat(of(1000, 1000, ALL, 0).real(OptionalInt.of(1000)).effective()).isEqualTo(ALL);
    assertThat(of(0, 0, ALL, ALL).real(OptionalInt.of(1000)).effective()).isZero();
    assertThat(of(0, 0, ALL, ALL).real(OptionalInt.empty()).effective()).isZero();
  }

  @Test
  void nothingChangesForMost() {
    assertThat(of(0, 0, ALL, ALL).real(ROOT)).isEqualTo(of(0, 0, ALL, ALL));
    assertThat(of(1000, 1000, 0, 0).real(ROOT)).isEqualTo(of(1000, 1000, 0, 0));
  }
}
