package dev.sluice.supervisor.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GroupsTest {
  /// Members that groups have for architectures without a table here.
  private static final Set<String> ELSEWHERE =
      Set.of(
          ("arm_fadvise64_64 cacheflush pciconfig_iobase pciconfig_read pciconfig_write recv"
                  + " riscv_flush_icache riscv_hwprobe rtas s390_pci_mmio_read"
                  + " s390_pci_mmio_write s390_runtime_instr send set_tls subpage_prot"
                  + " swapcontext switch_endian sync_file_range2 sys_debug_setcontext")
              .split(" ", -1));

  static Set<String> names() {
    return Groups.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void resolvesToCallsThatExist(String group) {
    Set<String> members = Groups.members(group).orElseThrow();
    assertThat(members).isNotEmpty();
    for (String call : members) {
      boolean known = Arrays.stream(Arch.values()).anyMatch(arch -> arch.number(call).isPresent());
      assertThat(known).as(call).isNotEqualTo(ELSEWHERE.contains(call));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "@open,    'creat,open,openat,openat2'",
    "@link,    'link,linkat'",
    "@rename,  'rename,renameat,renameat2'",
    "@module,  'delete_module,finit_module,init_module'",
    "@chown,   'chown,chown32,fchown,fchown32,fchownat,lchown,lchown32'",
  })
  void hasTheseMembers(String group, String members) {
    assertThat(String.join(",", Groups.members(group).orElseThrow())).isEqualTo(members);
  }

  @Test
  void theGroupsInAGroupAreResolvedToo() {
    Set<String> service = Groups.members("@system-service").orElseThrow();
    for (String nested : Set.of("@file-system", "@network-io", "@default", "@chown")) {
      assertThat(service).containsAll(Groups.members(nested).orElseThrow());
    }
    assertThat(service).noneMatch(member -> member.startsWith("@"));
    assertThat(service).doesNotContainAnyElementsOf(Groups.members("@reboot").orElseThrow());
  }

  @Test
  void allThatOpensAFileByItsPathIsInTheFamily() {
    assertThat(Groups.members("@open").orElseThrow()).allMatch(PathParameter::isIn);
  }

  @Test
  void thereIsNoGroupOfAnotherName() {
    assertThat(Groups.members("@nonsense")).isEmpty();
    assertThat(Groups.members("open")).isEmpty();
  }
}
