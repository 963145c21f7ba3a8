package dev.sluice.supervisor.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Why a guard decides a call, in words.
class GuardReasonsTest {
  private static final CompiledPolicy POLICY =
      Policies.compile(
          """
          sluice: v1
          architectures: [x86_64, i386]
          rules:
          - {on: "@open", when: path.under("/secret"), deny: EACCES}
          - {on: "@connect", when: address.port == 25, deny: EACCES}
          - {on: dup, allow: }
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mount             | flags=MS_REMOUNT                     | applied: the default (p.yaml:1:1): no rule holds
          mount             | flags=MS_BIND                        | applied: a guard: !flags.has(MS_REMOUNT) and flags.has(MS_BIND) hold, as flags is MS_BIND: it shows a directory in another place, where the policy's paths do not look for it
          mount             | flags=MS_PRIVATE                     | applied: the default (p.yaml:1:1): no rule holds
          mount             | flags=0 fstype=tmpfs                 | applied: the default (p.yaml:1:1): no rule holds
          mount             | flags=0 fstype=overlay               | applied: a guard: !flags.has(MS_REMOUNT) and !(math.bitAnd(flags, 0x1e0000) != 0 && math.bitAnd(flags, 0xffff0000) != 0xc0ed0000) and !(fstype in ["tmpfs", "proc", "sysfs", "devpts", "mqueue"]) hold, as flags is 0, fstype is "overlay": this can show what was elsewhere before
          pivot_root        | ''                                   | applied: a guard: a new root gives every file another path
          open_tree         | ''                                   | applied: a guard: it shows a directory in another place, where the policy's paths do not look for it
          open_by_handle_at | ''                                   | applied: a guard: a handle leads to a file by a path that nobody looked at
          io_uring_enter    | ''                                   | applied: a guard: io_uring does what calls do without making them
          seccomp           | SECCOMP_SET_MODE_FILTER SECCOMP_FILTER_FLAG_NEW_LISTENER | applied: a guard: operation == SECCOMP_SET_MODE_FILTER and flags.has(SECCOMP_FILTER_FLAG_NEW_LISTENER) hold, as operation is SECCOMP_SET_MODE_FILTER, flags is SECCOMP_FILTER_FLAG_NEW_LISTENER: a listener of the target's own could let calls continue that are mediated here
          userfaultfd       | 0                                    | applied: a guard: math.bitAnd(flags, UFFD_USER_MODE_ONLY) == 0 holds, as flags is 0: memory that never comes would hold whoever reads it for the target
          socket            | AF_INET SOCK_STREAM IPPROTO_SCTP     | applied: a guard: domain == AF_INET and protocol == IPPROTO_SCTP hold, as domain is AF_INET, protocol is IPPROTO_SCTP: sctp connects by setsockopt(2), to addresses that nobody looked at
          socket            | AF_PACKET SOCK_RAW 0                 | applied: a guard: domain == AF_PACKET holds, as domain is AF_PACKET: who writes packets writes their addresses, which nobody looked at
          setsockopt        | args[1]=0 args[2]=4                  | applied: a guard: level == 0 and optname == IP_OPTIONS hold, as level is 0, optname is 4: a route through a machine whose address nobody looked at
          setsockopt        | args[1]=41 args[2]=57                | applied: a guard: level == IPPROTO_IPV6 and optname == IPV6_RTHDR hold, as level is 41, optname is 57: a route through a machine whose address nobody looked at
          ioctl             | args[1]=0xaa00 args[2]=0             | applied: a guard: op == 0xaa00 and math.bitAnd(argp, UFFD_USER_MODE_ONLY) == 0 hold, as op is 0xaa00, argp is 0: memory that never comes would hold whoever reads it for the target
          socketcall        | args[0]=3                            | applied: a guard: args[0] == 3 holds, as args[0] is 3: it makes other calls, with their addresses in memory
          dup               | ''                                   | applied: 'rule 3' (p.yaml:6:3): it always holds
          openat            | AT_FDCWD NULL 0                      | what it points to is wrong, so that it fails before any rule decides
          """)
  void areSaid(String call, String words, String reason) {
    List<String> given = words.isEmpty() ? List.of() : List.of(words.split(" ", -1));
    Arch arch = call.equals("socketcall") ? Arch.I386 : Arch.X86_64;
    DescribedCall described = CallReader.read(arch, call, given, DescribedTask.UNKNOWN, "/");

    assertThat(new Explainer(POLICY).explain(described).because())
        .last()
        .asString()
        .isEqualTo(reason);
  }
}
