package dev.sluice.tests.library;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Javac;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Programs that somebody writes against the library, compiled and run as a module path has it.
final class ProgramOfYourOwnTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void theExampleOfTheReadmeDoesWhatItSays() {
    String policy =
        sandbox.policy("- {on: getppid, emulate: pretend-init, audit: always}").toString();

    Run run = run("Example", Javac.codeIn("README.md"), policy).mustSucceed();

    assertThat(run.out()).contains("my parent is 1\n").contains("getppid PERFORMED\n");
  }

  @Test
  void nothingIsLeftOfASupervisorThatIsClosed() {
    String program =
        """
        import dev.sluice.supervisor.Sluice;
        import java.nio.file.Files;
        import java.nio.file.Path;

        public class Sessions {
          public static void main(String[] args) throws Exception {
            for (int i = 0; i < 6; i++) {
              try (var sluice = Sluice.policy(Path.of(args[0])).open()) {
                // without pipes, which the JVM closes when it comes to it
                sluice.start(new ProcessBuilder("cat", args[0]).inheritIO()).waitFor();
              }
              // the last threads may still be ending
              for (int wait = 0; wait < 1000 && threads() > 0; wait++) {
                Thread.sleep(10);
              }
              System.out.println("left: " + descriptors() + " descriptors, " + threads() + " threads");
            }
          }

          static long descriptors() throws Exception {
            try (var list = Files.list(Path.of("/proc/self/fd"))) {
              return list.count();
            }
          }

          static long threads() {
            return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("sluice")).count();
          }
        }
        """;
    sandbox.directory("run");

    Run run = run("Sessions", program, sandbox.lookAtEverything().toString()).mustSucceed();

    // between what is logged, and what is read
    List<String> left = run.lines().stream().filter(line -> line.startsWith("left: ")).toList();
    assertThat(left).hasSize(6);
    // the first loads what stays loaded
    assertThat(left.subList(1, 6)).containsOnly(left.get(1));
    assertThat(left.get(1)).endsWith(", 0 threads");
    assertThat(sandbox.path("run")).isEmptyDirectory();
  }

  private Run run(String name, String source, String... arguments) {
    Javac.compile(
        sandbox.directory("classes"),
        List.of("-p", Javac.library(), "--add-modules", "dev.sluice.supervisor"),
        sandbox.file(name + ".java", source));
    var words =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                "classes",
                "-p",
                Javac.library(),
                "--add-modules",
                "dev.sluice.supervisor",
                "--enable-native-access=dev.sluice.supervisor,io.netty.common",
                // Maven would give it a jar with the native library of Netty
                "-Djava.library.path=" + Project.ROOT.resolve("agent/target/netty/META-INF/native"),
                name));
    words.addAll(List.of(arguments));
    return sandbox
        .command(words.toArray(String[]::new))
        .environment("XDG_RUNTIME_DIR", sandbox.path("run").toString())
        .run();
  }
}
