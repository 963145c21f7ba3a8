package dev.sluice.tests.plugins;

import dev.sluice.tests.harness.Javac;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.List;

/// A directory of jars, each with a handler, as other people write them.
final class PlugIns {
  private static final String SERVICES =
      "META-INF/services/dev.sluice.supervisor.handler.SyscallHandler";

  private final Sandbox sandbox;

  PlugIns(Sandbox sandbox) {
    this.sandbox = sandbox;
    sandbox.directory("plugins");
  }

  Path directory() {
    return sandbox.path("plugins");
  }

  /// A handler of mkdir(2) whose method `handle` has this body.
  PlugIns withMkdir(String name, String body) {
    return with(
        "Handler_" + name.replace('-', '_'),
        """
        import dev.sluice.supervisor.handler.*;
        import dev.sluice.supervisor.kernel.Errno;
        import dev.sluice.supervisor.policy.Verdict;
        import dev.sluice.supervisor.target.*;
        import java.util.Set;
        import java.util.concurrent.atomic.AtomicInteger;

        public final class Handler_%s implements SyscallHandler {
          private final AtomicInteger calls = new AtomicInteger();

          @Override
          public String name() {
            return "%s";
          }

          @Override
          public Set<String> syscalls() {
            return Set.of("mkdir", "mkdirat");
          }

          @Override
          public Verdict handle(Call call, Context context) {
            %s
          }

          @SuppressWarnings("unchecked")
          private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
            throw (T) e;
          }
        }
        """
            .formatted(name.replace('-', '_'), name, body));
  }

  /// A jar with a class that it declares to be a handler.
  PlugIns with(String className, String source) {
    String directory = "jar-" + className;
    Path file =
        sandbox.file(
            "source/" + className.substring(className.lastIndexOf('.') + 1) + ".java", source);
    sandbox.file(directory + "/" + SERVICES, className + "\n");
    Javac.compile(sandbox.path(directory), List.of("-cp", Javac.library()), file);
    return pack(directory);
  }

  /// A jar of a directory that a test has made.
  PlugIns pack(String directory) {
    Javac.jar(directory().resolve(directory + ".jar"), sandbox.path(directory));
    return this;
  }

  static String services() {
    return SERVICES;
  }
}
