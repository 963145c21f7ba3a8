import dev.sluice.supervisor.Sluice;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/// How many bytes the event loop allocates for a call. Supervises `target` (its C source says what
/// it understands) and asks the JVM before and after.
///
/// ```
/// Allocation TARGET DIRECTORY POLICY CALLS CALL...
/// ```
///
/// Writes a line `CALL BYTES` for each CALL, made CALLS times, and that over again until nothing is
/// allocated, or sixty times: the least counts. What the JVM allocates once, while it compiles, is
/// not the call's; and where others change directories at the time, the kernel now and then does
/// not find a path at once, which a worker then has to look for. What kept the loop waiting is left
/// to workers for ten seconds: there is a second between attempts.
public final class Allocation {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  public static void main(String[] args) throws Exception {
    int calls = Integer.parseInt(args[3]);
    try (var sluice = Sluice.policy(Path.of(args[2])).onRecord(_ -> {}).open()) {
      var process =
          sluice.start(new ProcessBuilder(args[0], args[1]).redirectError(Redirect.INHERIT));
      long loop = loopThread();
      try (var to = process.outputWriter();
          var from = process.inputReader()) {
        for (String call : List.of(args).subList(4, args.length)) {
          ask(to, from, call, calls); // until everything is compiled
          long least = Long.MAX_VALUE;
          for (int i = 0; i < 60 && least > 0; i++) {
            if (i > 0) {
              Thread.sleep(1000);
            }
            long before = THREADS.getThreadAllocatedBytes(loop);
            ask(to, from, call, calls);
            least = Math.min(least, THREADS.getThreadAllocatedBytes(loop) - before);
          }
          System.out.printf("%s %.3f%n", call, (double) least / calls);
        }
      }
    }
  }

  private static long loopThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("sluice-loop"))
        .findAny()
        .orElseThrow()
        .threadId();
  }

  private static void ask(BufferedWriter to, BufferedReader from, String call, int calls)
      throws IOException {
    to.write(call + " " + calls + " 1\n");
    to.flush();
    if (from.readLine() == null) {
      throw new IOException("the target has ended");
    }
  }
}
