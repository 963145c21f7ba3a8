package dev.sluice.supervisor.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.audit.AuditLog;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Decision;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls that nobody made, decided as the listener decides them, recorded as it records them, and
/// decided again by what is in the file.
class ReplayTest {
  private static final int CALLS = 100_000;

  private static final String RULES =
      """
      sluice: v1
      name: replayed
      audit: { record: all, mode: lossless }
      rules:
        - { name: secrets, on: "@open", when: 'path.under("/secret") || path.glob("**/.env")', deny: EACCES }
        - name: odd-names
          on: "@open"
          when: 'path == "/a\\tb" || path.glob("/**/?\\u00e4*")'
          deny: ENOENT
        - { name: writes, on: "@open", when: 'access.write && !path.under("/work")', deny: EROFS }
        - { name: creates, on: "@open", when: 'access.create', return: -1 }
        - { name: moves, on: "@rename", when: 'path.under("/work") && !path2.under("/work")', deny: EXDEV }
        - { name: local, on: "@connect", when: 'address.in("10.0.0.0/8") && address.port < 1024', deny: ENETUNREACH }
        - { name: services, on: "@connect", when: 'address.path == "@service"', deny: EPERM }
        - { name: sockets, on: socket, when: 'domain == AF_INET6 || type == SOCK_RAW', deny: EAFNOSUPPORT }
        - { name: users, on: setuid, when: 'uid > 1000 && uid < 2000 || uid == 3', deny: EPERM }
        - { name: pretend, on: setgid, return: 0 }
      """;

  private static final List<String> ROOTS =
      List.of("/secret", "/work", "/work/deep/er", "/", "/srv/\u00e4\u00f6", "/a\tb", "/run");

  private final Random random = new Random(20_251);

  @TempDir private Path directory;

  private String path() {
    String root = ROOTS.get(random.nextInt(ROOTS.size()));
    String name =
        switch (random.nextInt(6)) {
          case 0 -> "";
          case 1 -> ".env";
          case 2 -> "x\u00e4" + random.nextInt(10);
          case 3 -> "line\nbreak\u001b[2J";
          case 4 -> "n".repeat(random.nextInt(255) + 1);
          default -> "file" + random.nextInt(1000);
        };
    return (root.equals("/") ? root : root + "/") + name;
  }

  private byte[] address() {
    byte[] inet = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    random.nextBytes(inet);
    inet[0] = 2;
    inet[1] = 0;
    if (random.nextBoolean()) {
      inet[4] = 10;
      inet[2] = (byte) random.nextInt(5);
    }
    return random.nextInt(4) > 0 ? inet : "\1\0\0service".getBytes(StandardCharsets.UTF_8);
  }

  private Call call() {
    int[] flags = {
      0, OpenFlags.O_WRONLY, OpenFlags.O_RDWR, OpenFlags.O_CREAT, OpenFlags.O_CREAT | 1, 0x8000
    };
    long flag = flags[random.nextInt(flags.length)];
    return switch (random.nextInt(9)) {
      case 0, 1 -> withPath(Calls.of(Arch.X86_64, "openat", -100, 4096, flag, 0644));
      case 2 -> withPath(Calls.of(Arch.X86_64, "open", 4096, flag, 0600));
      case 3 -> withPath(Calls.of(Arch.X86_64, "creat", 4096, 0600));
      case 4 -> {
        Call call = Calls.of(Arch.X86_64, "renameat2", -100, 4096, -100, 8192, random.nextInt(3));
        Calls.givePinned(call, 1, path());
        yield withPath(call);
      }
      case 5 -> {
        byte[] address = address();
        Call call = Calls.of(Arch.X86_64, "connect", 3, 4096, address.length);
        Calls.giveAddress(call, address);
        yield call;
      }
      case 6 -> Calls.of(Arch.X86_64, "socket", random.nextInt(12), random.nextInt(5), 0);
      case 7 -> Calls.of(Arch.X86_64, "setuid", random.nextInt(5000));
      default -> Calls.of(Arch.X86_64, "setgid", random.nextLong());
    };
  }

  private Call withPath(Call call) {
    Calls.givePinned(call, 0, path());
    return call;
  }

  /// Makes the calls, and returns how many each rule decided.
  private Map<String, Integer> record(CompiledPolicy policy, Path file) throws IOException {
    var rules = new TreeMap<String, Integer>();
    try (var log = new AuditLog(List.of(JsonLines.file(file)))) {
      for (int i = 0; i < CALLS; i++) {
        Call call = call();
        Decision decision = Policies.decide(policy, call);
        rules.merge(decision.rule(), 1, Integer::sum);
        log.record(
            log.claim(policy.edition(), call, decision, true),
            policy.edition(),
            call,
            null,
            decision,
            decision.verdict(),
            SafetyClass.EMULATED,
            0,
            System.nanoTime());
      }
    }
    return rules;
  }

  private static String outcome(Replay replay, AuditRecord record) {
    return switch (replay.decide(record)) {
      case Replay.Same _ -> "same";
      case Replay.Changed _ -> "changed from " + record.rule().orElse("");
      case Replay.Unknown(String why) -> "unknown: " + why;
      case Replay.Undecided _ -> "undecided";
    };
  }

  @Test
  void aHundredThousandDecisionsAreMadeAgainAsTheyWere() throws IOException {
    Path file = directory.resolve("log");
    Map<String, Integer> rules = record(Policies.compile(RULES), file);
    assertThat(rules)
        .containsOnlyKeys(
            "secrets",
            "odd-names",
            "writes",
            "creates",
            "moves",
            "local",
            "services",
            "sockets",
            "users",
            "pretend",
            "default")
        .allSatisfy((rule, count) -> assertThat(count).as(rule).isGreaterThan(100));

    var same = new Replay(Policies.compile(RULES));
    // one that differs in one rule differs in what that has decided
    var other = new Replay(Policies.compile(RULES.replace("deny: EXDEV", "deny: EPERM")));
    var bySame = new TreeMap<String, Integer>();
    var byOther = new TreeMap<String, Integer>();
    LogFiles.read(
        file,
        line -> {
          if (LineReader.read(line.text()) instanceof LogLine.Call(_, AuditRecord record)) {
            bySame.merge(outcome(same, record), 1, Integer::sum);
            byOther.merge(outcome(other, record), 1, Integer::sum);
          }
        });
    int moves = rules.getOrDefault("moves", 0);
    assertThat(bySame).isEqualTo(Map.of("same", CALLS));
    assertThat(byOther).isEqualTo(Map.of("same", CALLS - moves, "changed from moves", moves));
  }
}
