package dev.sluice.supervisor.policy.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.CHeaders;
import dev.sluice.supervisor.bpf.Divergence;
import dev.sluice.supervisor.bpf.FilteredCalls;
import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.oci.Libseccomp.Answer;
import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A profile does what libseccomp makes of it: for every call on every architecture, and for
/// registers at the ends of what its rules distinguish.
class LibseccompTest {
  /// Where Debian has the profiles of docker and of podman.
  private static final String DOCKER =
      "/usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/";

  private static final String PODMAN = "/usr/share/containers/seccomp.json";

  private static final int TOGETHER = 500;

  @BeforeEach
  void needLibseccomp() {
    assumeTrue(CHeaders.have("seccomp.h"), "there is no header seccomp.h (libseccomp-dev)");
    assumeTrue(Arch.host() == Arch.X86_64, "the profiles here are for x86-64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        DOCKER + "default.json",
        DOCKER + "fixtures/default-old-format.json",
        DOCKER + "fixtures/example.json",
        DOCKER + "fixtures/conditional_include.json",
        PODMAN
      })
  void agreesOnProfilesThatAreUsed(String file) throws IOException, PolicyException {
    assumeTrue(
        Files.exists(Path.of(file)),
        file + " is not here (golang-github-docker-docker-dev, golang-github-containers-common)");
    String text = Files.readString(Path.of(file));
    var everything = new HashSet<>(Host.UNPRIVILEGED);
    everything.addAll(List.of("CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_MODULE", "CAP_BPF"));
    for (Set<String> capabilities : List.of(Host.UNPRIVILEGED, everything, Set.<String>of())) {
      for (int optimize : List.of(Libseccomp.AS_A_LIST, Libseccomp.AS_A_TREE)) {
        var host = new Host(Arch.X86_64, Host.here().kernel(), capabilities);
        Profile profile = read(text, host);
        Answer answer =
            Libseccomp.answer(List.of(Libseccomp.request(profile, optimize))).getFirst();
        assertThat(answer).isInstanceOf(Answer.Made.class);
        Program ours = compile(text, host).filter();
        Program theirs = ((Answer.Made) answer).program();
        var comparison = new Comparison(profile, ours, theirs, new Random(1));
        assertThat(comparison.difference()).as(file).isEmpty();
        assertThat(comparison.mistakes()).as(file).isZero();
        for (Arch arch : Arch.values()) {
          for (int nr : arch.numbers().values()) {
            // of all registers there can be
            assertThat(Divergence.find(ours, theirs, arch.audit(), nr, (a, b) -> a == b))
                .as("%s, %s", file, arch.describe(nr))
                .isEmpty();
          }
        }
      }
    }
  }

  /// What a call costs under docker's profile, for the calls of its architectures and for registers
  /// at the ends of what its rules distinguish.
  @Test
  void executesNoMoreThanTheTreeOfLibseccomp() throws IOException, PolicyException {
    Path file = Path.of(DOCKER + "default.json");
    assumeTrue(Files.exists(file), file + " is not here (golang-github-docker-docker-dev)");
    var filters = ProfileFilters.of(Files.readString(file), Libseccomp.start());
    for (Arch arch : List.of(Arch.X86_64, Arch.I386)) {
      var our = filters.costOfOurs(arch);
      var their = filters.costOfLibseccomps(arch);
      System.out.printf(
          Locale.ROOT,
          "docker-default, %s: mean %.1f, worst %d of %d instructions;"
              + " libseccomp: mean %.1f, worst %d of %d%n",
          arch,
          our.mean(),
          our.worst(),
          filters.ours().size(),
          their.mean(),
          their.worst(),
          filters.libseccomps().size());
      assertThat(our.mean()).as("mean, " + arch).isLessThanOrEqualTo(their.mean());
      assertThat(our.worst()).as("worst, " + arch).isLessThanOrEqualTo(their.worst());
    }
  }

  /// `-Doci.profiles=COUNT` and `-Doci.seed=SEED` make it a longer or another run.
  @Test
  void agreesOnGeneratedProfiles() {
    int count = Integer.getInteger("oci.profiles", 1_000);
    long seed = Long.getLong("oci.seed", 20260101);
    var random = new Random(seed);
    var tally = new Tally();
    for (int done = 0; done < count; done += TOGETHER) {
      List<String> texts =
          Stream.generate(() -> new RandomProfile(random).json())
              .limit(Math.min(TOGETHER, count - done))
              .toList();
      List<Profile> profiles = texts.stream().map(text -> read(text, Host.here())).toList();
      List<Answer> answers =
          Libseccomp.answer(
              profiles.stream()
                  .map(profile -> Libseccomp.request(profile, Libseccomp.AS_A_TREE))
                  .toList());
      assertThat(answers).hasSameSizeAs(texts);
      for (int i = 0; i < texts.size(); i++) {
        tally.compare(texts.get(i), profiles.get(i), answers.get(i), random, seed);
      }
    }
    System.out.println("profiles=" + count + " seed=" + seed + " " + tally);
    assertThat(tally.alike)
        .as("enough of them are like profiles that are used")
        .isGreaterThan(count * 8 / 10);
  }

  /// What became of generated profiles.
  private static final class Tally {
    private int alike;
    private int refused;
    private int mistaken;
    private int died;
    private long calls;

    void compare(String text, Profile profile, Answer answer, Random random, long seed) {
      Optional<CompiledPolicy> ours = tryToCompile(text);
      String about = "seed %d, %s".formatted(seed, text);
      boolean theyRefuse =
          answer instanceof Answer.Refused(int errno, int _) && errno == Errno.EEXIST.number();
      if (answer instanceof Answer.Died) {
        died++;
        return;
      }
      if (ours.isEmpty() != theyRefuse && new RuleMeaning(profile).hasSharedEnds()) {
        mistaken++;
        return;
      }
      assertThat(ours.isEmpty()).as("refused: %s, %s", answer, about).isEqualTo(theyRefuse);
      switch (answer) {
        case Answer.Refused _ -> refused++;
        case Answer.Died _ -> throw new IllegalStateException();
        case Answer.Made(var program) -> {
          var comparison = new Comparison(profile, ours.orElseThrow().filter(), program, random);
          assertThat(comparison.difference()).as(about).isEmpty();
          calls += comparison.compared();
          if (comparison.mistakes() > 0) {
            mistaken++;
          } else {
            alike++;
          }
        }
      }
    }

    @Override
    public String toString() {
      return "alike=%d refused-by-both=%d libseccomp-mistaken=%d libseccomp-died=%d calls=%d"
          .formatted(alike, refused, mistaken, died, calls);
    }
  }

  /// Both programs, installed for real, do the same with the calls that a process then makes.
  @Test
  void agreesOnThisKernel() {
    List<String> harmless = List.of("getpid", "getppid", "gettid");
    var random = new Random(20260202);
    var ours = new FilteredCalls();
    var theirs = new FilteredCalls();
    for (int i = 0; i < 40; i++) {
      String text = new RandomProfile(random, harmless).json("ALLOW");
      Profile profile = read(text, Host.here());
      Answer answer =
          Libseccomp.answer(List.of(Libseccomp.request(profile, Libseccomp.AS_A_TREE))).getFirst();
      if (!(answer instanceof Answer.Made(Program program))) {
        continue;
      }
      Program our = tryToCompile(text).orElseThrow().filter();
      var arguments = profile.rules().stream().flatMap(rule -> rule.arguments().stream()).toList();
      List<Long> values = RandomProfile.boundaries(arguments);
      var calls = new ArrayList<SeccompData>();
      for (int j = 0; j < 30; j++) {
        int nr = Arch.host().number(harmless.get(j % harmless.size())).orElseThrow();
        var registers = new long[6];
        Arrays.setAll(registers, _ -> values.get(random.nextInt(values.size())));
        var call = SeccompData.of(nr, Arch.host().audit(), registers);
        if (Simulator.run(our, call).action() == Simulator.run(program, call).action()) {
          calls.add(call); // and not one of libseccomp's mistakes
        }
      }
      ours.add(our, calls);
      theirs.add(program, calls);
    }
    List<String> results = ours.make();
    assertThat(withoutNumbers(results)).isEqualTo(withoutNumbers(theirs.make()));
    assertThat(results.stream().map(result -> result.split(" ", 2)[0]))
        .contains("value", "signal")
        .hasSizeGreaterThan(800);
  }

  /// Each process has another number, and that is all that an allowed call says.
  private static List<String> withoutNumbers(List<String> results) {
    return results.stream().map(result -> result.replaceFirst("value [1-9].*", "allowed")).toList();
  }

  /// libseccomp's list looks at a number that it never loads, if the call it would ask for first is
  /// one that the architecture does not have.
  @Test
  void differsWhereLibseccompForgetsTheNumber() throws PolicyException {
    String text =
        """
        {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
         "syscalls": [
          {"names": ["stty"], "action": "SCMP_ACT_LOG"},
          {"names": ["ioctl"], "action": "SCMP_ACT_LOG",
           "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_EQ"}]}]}
        """;
    Profile profile = read(text, Host.here());
    List<Answer> answers =
        Libseccomp.answer(
            List.of(
                Libseccomp.request(profile, Libseccomp.AS_A_LIST),
                Libseccomp.request(profile, Libseccomp.AS_A_TREE)));
    var call = SeccompData.of(Arch.X86_64.number("ioctl").orElseThrow(), Arch.X86_64.audit(), 5);
    assertThat(Simulator.run(compile(text, Host.here()).filter(), call).action()).isEqualTo(LOG);
    assertThat(answers.stream().map(answer -> ((Answer.Made) answer).program()))
        .extracting(program -> Simulator.run(program, call).action())
        .containsExactly(ALLOW, LOG);
  }

  private static final int LOG = Seccomp.RET_LOG;
  private static final int ALLOW = Seccomp.RET_ALLOW;

  /// The mistakes of libseccomp that `src/docs/oci.md` describes; ours is what the rules say.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // compares the low word where it means the high one
        "2 | LOG 0 LT 0 ; LOG 0 GT 4294967297 | 0xffffffff | ALLOW | LOG",
        // gives the second argument of one rule to the other
        "2 | LOG 0 GE 0, 2 NE 0 ; LOG 1 LE 5, 0 GT 0 | 0, 1, 0 | ALLOW | LOG",
      })
  void differsWhereLibseccompIsMistaken(
      int optimize, String rules, String registers, String ours, String theirs)
      throws PolicyException {
    String text = profile(rules);
    Answer answer =
        Libseccomp.answer(List.of(Libseccomp.request(read(text, Host.here()), optimize)))
            .getFirst();
    long[] values = Stream.of(registers.split(", ?", -1)).mapToLong(Long::decode).toArray();
    var call =
        SeccompData.of(Arch.X86_64.number("ioctl").orElseThrow(), Arch.X86_64.audit(), values);
    assertThat(Simulator.run(compile(text, Host.here()).filter(), call).action())
        .isEqualTo(ours.equals("LOG") ? LOG : ALLOW);
    assertThat(Simulator.run(((Answer.Made) answer).program(), call).action())
        .isEqualTo(theirs.equals("LOG") ? LOG : ALLOW);
  }

  /// `LOG 0 LT 5, 1 EQ 2 ; …`
  private static String profile(String rules) {
    var texts = new ArrayList<String>();
    for (String rule : rules.split(" ; ", -1)) {
      var arguments = new ArrayList<String>();
      for (String argument : rule.substring(rule.indexOf(' ') + 1).split(", ", -1)) {
        String[] words = argument.split(" ", -1);
        arguments.add(
            "{\"index\": %s, \"op\": \"SCMP_CMP_%s\", \"value\": %s}"
                .formatted(words[0], words[1], words[2]));
      }
      texts.add(
          "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_%s\", \"args\": %s}"
              .formatted(rule.substring(0, rule.indexOf(' ')), arguments));
    }
    return "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": " + texts + "}";
  }

  private static Profile read(String text, Host host) {
    return ProfileReader.read("p.json", text, host, new ArrayList<>()).orElseThrow();
  }

  private static CompiledPolicy compile(String text, Host host) throws PolicyException {
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    return PolicyCompiler.compileProfile("p.json", text, handlers, host);
  }

  private static Optional<CompiledPolicy> tryToCompile(String text) {
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);
    try {
      return Optional.of(new PolicyCompiler(handlers, Map.of()).compile("p.json", text));
    } catch (PolicyException refused) {
      return Optional.empty();
    }
  }
}
