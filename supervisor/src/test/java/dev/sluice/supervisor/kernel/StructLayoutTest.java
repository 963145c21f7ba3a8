package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.CHeaders;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every field of a struct lies where the C compiler puts it, and has its size.
class StructLayoutTest {
  static List<Arguments> structs() {
    return List.of(
        Arguments.of("struct seccomp_notif", "linux/seccomp.h", SeccompNotif.LAYOUT),
        Arguments.of("struct seccomp_data", "linux/seccomp.h", SeccompNotif.DATA),
        Arguments.of("struct seccomp_notif_resp", "linux/seccomp.h", SeccompAnswer.RESPONSE),
        Arguments.of("struct seccomp_notif_addfd", "linux/seccomp.h", SeccompAnswer.ADDFD),
        Arguments.of("struct statx", "linux/stat.h", Stat.LAYOUT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("structs")
  void isLaidOutAsInC(String struct, String header, StructLayout layout) {
    var ours = new LinkedHashMap<String, Long>();
    ours.put("sizeof(%s)".formatted(struct), layout.byteSize());
    for (MemoryLayout field : fields(layout)) {
      String name = field.name().orElseThrow();
      ours.put(
          "offsetof(%s, %s)".formatted(struct, name),
          layout.byteOffset(PathElement.groupElement(name)));
      ours.put("sizeof(((%s *)0)->%s)".formatted(struct, name), field.byteSize());
    }
    Map<String, Long> truth =
        CHeaders.evaluate(
            struct.replace("struct ", ""), CHeaders.include(header), List.copyOf(ours.keySet()));
    assertThat(ours).containsExactlyInAnyOrderEntriesOf(truth);
  }

  private static List<MemoryLayout> fields(StructLayout layout) {
    var fields = new ArrayList<MemoryLayout>();
    for (MemoryLayout member : layout.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        fields.add(member);
      }
    }
    return fields;
  }
}
