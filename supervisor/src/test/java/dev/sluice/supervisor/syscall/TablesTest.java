package dev.sluice.supervisor.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.CHeaders;
import dev.sluice.supervisor.CProgram;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The tables against two other sources, which were not made from the same files.
class TablesTest {
  /// Calls whose numbers lie in a gap that older sources have: they are not newer than everything
  /// those know.
  private static final Map<String, String> IN_GAPS =
      Map.of("uretprobe", "x86-64 only, since 6.11", "uprobe", "x86-64 only, since 6.18");

  @ParameterizedTest
  @EnumSource(Arch.class)
  void agreeWithLibseccomp(Arch arch) {
    assumeTrue(CHeaders.have("seccomp.h"), "there is no header seccomp.h (libseccomp-dev)");
    String token =
        switch (arch) {
          case X86_64 -> "SCMP_ARCH_X86_64";
          case I386 -> "SCMP_ARCH_X86";
          case AARCH64 -> "SCMP_ARCH_AARCH64";
        };
    String source =
        """
        #include <seccomp.h>
        #include <stdio.h>
        #include <stdlib.h>
        int main(void)
        {
          for (int nr = 0; nr < 1024; nr++) {
            char *name = seccomp_syscall_resolve_num_arch(%s, nr);
            if (name)
              printf("%%s %%d\\n", name, nr);
            free(name);
          }
          return 0;
        }
        """
            .formatted(token);
    var theirs = new TreeMap<String, Integer>();
    CProgram.of("libseccomp-" + arch, source, "-lseccomp")
        .run()
        .lines()
        .map(line -> line.split(" ", 2))
        .forEach(line -> theirs.put(line[0], Integer.parseInt(line[1])));
    compare(arch, theirs);
  }

  @ParameterizedTest
  @EnumSource(Arch.class)
  void agreeWithTheKernelHeaders(Arch arch) {
    String header =
        switch (arch) {
          case X86_64 -> CHeaders.include("asm/unistd_64.h");
          case I386 -> CHeaders.include("asm/unistd_32.h");
          // as arm64's asm/unistd.h has it
          case AARCH64 ->
              List.of("RENAMEAT", "NEW_STAT", "SET_GET_RLIMIT", "SYS_CLONE3", "MEMFD_SECRET")
                  .stream()
                  .map(option -> "#define __ARCH_WANT_" + option + "\n")
                  .collect(Collectors.joining("", "", CHeaders.include("asm-generic/unistd.h")));
        };
    List<String> macros =
        CHeaders.macros(header).stream().filter(macro -> macro.startsWith("__NR_")).toList();
    var theirs = new TreeMap<String, Integer>();
    CHeaders.evaluate("unistd-" + arch, header, macros)
        .forEach((macro, nr) -> theirs.put(macro.substring("__NR_".length()), nr.intValue()));
    // not calls: one more than the last, and where those of one architecture begin
    theirs.keySet().removeAll(List.of("syscalls", "arch_specific_syscall"));
    compare(arch, theirs);
  }

  /// Names that only one side knows must have the reason that the other side is older.
  private static void compare(Arch arch, Map<String, Integer> theirs) {
    assertThat(theirs).hasSizeGreaterThan(300);
    int theirLast = Collections.max(theirs.values());
    arch.numbers()
        .forEach((name, nr) -> {
          Integer other = theirs.get(name);
          if (other != null) {
            assertThat(nr).as(name).isEqualTo(other);
          } else if (!IN_GAPS.containsKey(name)) {
            assertThat(nr).as("%s, which only our table knows", name).isGreaterThan(theirLast);
          }
        });
    theirs.forEach((name, nr) -> {
      if (!arch.numbers().containsKey(name)) {
        assertThat(nr)
            .as("%s, which our table does not know", name)
            .isGreaterThanOrEqualTo(arch.limit());
      }
    });
  }

  @ParameterizedTest
  @EnumSource(Arch.class)
  void aNumberAndItsNameLeadToEachOther(Arch arch) {
    arch.numbers()
        .forEach((name, nr) -> {
          assertThat(arch.name(nr)).hasValue(name);
          assertThat(arch.number(name)).isEqualTo(OptionalInt.of(nr));
          assertThat(arch.describe(nr)).isEqualTo(name);
        });
    assertThat(arch.limit()).isEqualTo(Collections.max(arch.numbers().values()) + 1);
  }

  @ParameterizedTest
  @EnumSource(Arch.class)
  void aNumberWithoutANameIsDescribedInWords(Arch arch) {
    for (int nr : new int[] {arch.limit(), -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertThat(arch.name(nr)).isEmpty();
      assertThat(arch.describe(nr)).isEqualTo("syscall " + nr);
    }
    assertThat(arch.number("no_such_call")).isEmpty();
  }

  @Test
  void architecturesHaveTheValuesOfTheAuditHeader() {
    Map<String, Long> truth =
        CHeaders.evaluate(
            "audit",
            CHeaders.include("linux/audit.h"),
            List.of("AUDIT_ARCH_X86_64", "AUDIT_ARCH_I386", "AUDIT_ARCH_AARCH64"));
    for (Arch arch : Arch.values()) {
      assertThat(truth.get("AUDIT_ARCH_" + arch)).isEqualTo(Integer.toUnsignedLong(arch.audit()));
      assertThat(Arch.ofAudit(arch.audit())).isEqualTo(Optional.of(arch));
    }
    assertThat(Arch.ofAudit(0)).isEmpty();
  }

  @Test
  void onlyI386HasNarrowRegisters() {
    assertThat(Arch.X86_64.is64Bit()).isTrue();
    assertThat(Arch.AARCH64.is64Bit()).isTrue();
    assertThat(Arch.I386.is64Bit()).isFalse();
    assertThat(Arch.host()).isNotEqualTo(Arch.I386);
  }
}
