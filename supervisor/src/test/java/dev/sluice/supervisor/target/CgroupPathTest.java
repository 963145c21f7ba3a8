package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.OpenFlags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupPathTest {
  private static String parse(String memberships) {
    return CgroupPath.parse(memberships).toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      quoteCharacter = '"',
      value = {
        "0::/web.slice/a:b; > /web.slice/a:b",
        "9:name=systemd:/s;4:memory:/m;0::/; > /m",
        "0::/u;3:cpu,memory,pids:/m; > /m",
        "3:cpu:/c;2:name=memory:/n; > \"\"",
        "4:memory:/whole;0::/cut > /whole",
        "0::/cut > \"\"",
        "\"\" > \"\"",
      })
  void itIsThatOfTheMemoryControllerOrOfVersionTwo(String memberships, String path) {
    assertThat(parse(memberships.replace(';', '\n'))).isEqualTo(path);
  }

  @Test
  void bytesThatAreNoTextStayWhatTheyAre() {
    String line = "0::/a\u001b\u00ff\n";
    assertThat(CgroupPath.parse(line).toBytes())
        .isEqualTo("/a\u001b\u00ff".getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void itIsReadAgainAfterASecondAndStaysWhatItWasOnceTheTaskHasEnded() throws IOException {
    int none = -1;
    int self = Files.open("/proc/thread-self", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    try {
      String own = parse(java.nio.file.Files.readString(Path.of("/proc/self/cgroup")));
      var cgroup = new CgroupPath(0);
      assertThat(cgroup.at(0, none).toString()).isEmpty();
      assertThat(cgroup.at(CgroupPath.AGE_NANOS - 1, self).toString()).isEmpty();
      assertThat(cgroup.at(CgroupPath.AGE_NANOS, self)).hasToString(own);
      assertThat(cgroup.at(2 * CgroupPath.AGE_NANOS, self)).isSameAs(cgroup.known());
      assertThat(cgroup.at(3 * CgroupPath.AGE_NANOS, none)).hasToString(own);
    } finally {
      Files.close(self);
    }
  }
}
