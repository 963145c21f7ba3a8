package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
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
  void whatWasReadLessThanASecondAgoIsNotReadAgain() {
    int noTask = -1;
    var known = new CgroupPath(Text.of("/a"), 0);
    assertThat(known.at(CgroupPath.AGE_NANOS - 1, noTask)).isSameAs(known);
    CgroupPath again = known.at(CgroupPath.AGE_NANOS, noTask);
    assertThat(again.readNanos()).isEqualTo(CgroupPath.AGE_NANOS);
  }
}
