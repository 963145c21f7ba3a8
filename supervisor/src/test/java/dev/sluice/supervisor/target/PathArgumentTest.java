package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathArgumentTest {
  /// As open(2) with O_CREAT: EISDIR for `a/`, while `.` and the root may be looked at.
  @ParameterizedTest
  @CsvSource({
    "a, false",
    "a/, true",
    "/a//, true",
    "/, false",
    "//, false",
    "., false",
    "./, false",
    "../, false",
    "a/../, false",
    ".../, true",
    ".a/, true",
    "..a/, true",
    "a/b, false",
    "'', false"
  })
  void aNameWithASlashIsNeitherTheRootNorDots(String path, boolean expected) {
    var call = Calls.of(Arch.X86_64, "open");
    Calls.givePath(call, 0, path);
    assertThat(call.copiedPath(0).isNameWithSlash()).isEqualTo(expected);
    assertThat(call.copiedPath(0).toBytes()).asString().isEqualTo(path);
  }
}
