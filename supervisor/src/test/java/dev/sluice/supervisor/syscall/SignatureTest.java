package dev.sluice.supervisor.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Signature.Parameter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SignatureTest {
  /// Numbers without a call: it was removed from the kernel before 3.0, was never there, or is
  /// older than anything i386 programs of today are made with.
  private static final Set<String> LONG_REMOVED =
      Set.of(
          ("_sysctl afs_syscall bdflush break create_module epoll_ctl_old epoll_wait_old ftime"
                  + " get_kernel_syms getpmsg gtty idle lock mpx nfsservctl oldfstat"
                  + " oldolduname prof profil putpmsg query_module readdir security stty"
                  + " tuxcall ulimit vm86 vm86old vserver")
              .split(" ", -1));

  @ParameterizedTest
  @EnumSource(Arch.class)
  void everyCallHasOneButThoseLongRemoved(Arch arch) {
    for (String call : arch.numbers().keySet()) {
      assertThat(Signature.of(arch, call).isPresent())
          .as(call)
          .isNotEqualTo(LONG_REMOVED.contains(call));
    }
  }

  @ParameterizedTest
  @EnumSource(Arch.class)
  void hasAtMostSixParametersEachWithANameOfItsOwn(Arch arch) {
    for (String call : arch.numbers().keySet()) {
      Signature.of(arch, call)
          .ifPresent(signature -> {
            assertThat(signature.name()).isEqualTo(call);
            assertThat(signature.parameters()).as(call).hasSizeLessThanOrEqualTo(6);
            var names = new HashSet<String>();
            for (Parameter parameter : signature.parameters()) {
              assertThat(parameter.name()).as(call).matches("[a-z_][a-z0-9_]*");
              assertThat(names.add(parameter.name())).as(call + " " + parameter).isTrue();
              assertThat(signature.parameters().get(signature.indexOf(parameter.name())))
                  .isEqualTo(parameter);
            }
            assertThat(signature.indexOf("no_such_parameter")).isEqualTo(-1);
          });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "X86_64,  openat, 'DIRFD dirfd, PATH pathname, FLAGS flags, MODE mode'",
    "X86_64,  connect, 'FD sockfd, SOCKADDR addr, INT addrlen'",
    "X86_64,  fallocate, 'FD fd, INT mode, LONG offset, LONG len'",
    "I386,    openat, 'DIRFD dirfd, PATH pathname, FLAGS flags, MODE mode'",
    "I386,    chown32, 'PATH pathname, UID user, GID group'",
    "X86_64,  getpid, ''",
    // a 64-bit number takes two registers of i386
    "I386,    fallocate, 'FD fd, INT mode, UINT offset_low, UINT offset_high, UINT len_low, UINT"
        + " len_high'",
    "I386,    truncate64, 'PATH pathname, UINT length_low, UINT length_high'",
    // and what comes behind it moves
    "I386,    fanotify_mark, 'FD fanotify_fd, FLAGS flags, UINT mask_low, UINT mask_high, DIRFD"
        + " dirfd, PATH pathname'",
    // its oldest calls take a struct
    "I386,    mmap, POINTER arg",
    "I386,    mmap2, 'POINTER addr, SIZE length, INT prot, FLAGS flags, FD fd, ULONG pgoffset'",
    // the last two are exchanged
    "X86_64,  clone, 'FLAGS flags, POINTER stack, POINTER parent_tid, POINTER child_tid, ULONG"
        + " tls'",
    "AARCH64, clone, 'FLAGS flags, POINTER stack, POINTER parent_tid, ULONG tls, POINTER"
        + " child_tid'",
  })
  void listsTheParametersInTheOrderOfTheRegisters(Arch arch, String call, String parameters) {
    assertThat(
            Signature.of(arch, call).orElseThrow().parameters().stream()
                .map(parameter -> parameter.type() + " " + parameter.name())
                .toList())
        .isEqualTo(parameters.isEmpty() ? List.of() : List.of(parameters.split(", ", -1)));
  }

  @Test
  void aTypeIsAPointerOrAnIntOrALongButNotTwoOfThem() {
    for (Signature.Type type : Signature.Type.values()) {
      assertThat(type.isPointer() && type.isInt()).as("%s", type).isFalse();
    }
    assertThat(Signature.Type.PATH.isPointer()).isTrue();
    assertThat(Signature.Type.FD.isInt()).isTrue();
    assertThat(Signature.Type.SIZE.isInt() || Signature.Type.SIZE.isPointer()).isFalse();
  }
}
