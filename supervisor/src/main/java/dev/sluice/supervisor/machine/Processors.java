package dev.sluice.supervisor.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// /proc/cpuinfo and /proc/stat of a container: the CPUs it may run on, as many as it can have at a
/// time, numbered from 0.
final class Processors {
  private static final Pattern NUMBER =
      Pattern.compile("^processor(\\s*): *(\\d+)", Pattern.MULTILINE);
  private static final Pattern CPU = Pattern.compile("^cpu(\\d+) (.*)$");

  private Processors() {}

  /// @param host /proc/cpuinfo: a paragraph for each CPU
  static String cpuinfo(String host, CpuShare share) {
    var shown = new ArrayList<String>();
    for (String paragraph : host.split("\n\n", -1)) {
      var number = NUMBER.matcher(paragraph);
      boolean isCpu = number.find();
      if (!isCpu && !paragraph.isBlank()) {
        shown.add(paragraph); // of the machine, as some architectures have it
      } else if (isCpu && isShown(share, Integer.parseInt(number.group(2)), shown.size())) {
        shown.add(number.replaceFirst("processor$1: " + shown.size()));
      }
    }
    return shown.stream().map(paragraph -> paragraph + "\n\n").collect(Collectors.joining());
  }

  private static boolean isShown(CpuShare share, int cpu, int before) {
    return share.cpus().get(cpu) && before < share.count();
  }

  /// What they did all together stands first; the boot time is that of the container.
  ///
  /// @param host /proc/stat
  static String stat(String host, Share share) {
    var cpus = new ArrayList<String>();
    var others = new ArrayList<String>();
    for (String line : host.split("\n", -1)) {
      var cpu = CPU.matcher(line);
      if (cpu.matches()) {
        if (isShown(share.cpu(), Integer.parseInt(cpu.group(1)), cpus.size())) {
          cpus.add(cpu.group(2));
        }
      } else if (line.startsWith("btime ")) {
        long boot = Long.parseLong(line.substring("btime ".length()));
        others.add("btime " + (boot + (share.machine().uptime() - share.uptime()) / 100));
      } else if (!line.startsWith("cpu ")) {
        others.add(line);
      }
    }
    var lines = new ArrayList<>(List.of("cpu  " + sum(cpus)));
    for (int i = 0; i < cpus.size(); i++) {
      lines.add("cpu" + i + " " + cpus.get(i));
    }
    lines.addAll(others);
    return String.join("\n", lines);
  }

  private static String sum(List<String> cpus) {
    long[] sum = new long[0];
    for (String cpu : cpus) {
      long[] times = Arrays.stream(cpu.strip().split(" ", -1)).mapToLong(Long::parseLong).toArray();
      sum = sum.length == 0 ? times : add(sum, times);
    }
    return LongStream.of(sum).mapToObj(Long::toString).collect(Collectors.joining(" "));
  }

  private static long[] add(long[] left, long[] right) {
    var sum = new long[left.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = left[i] + right[i];
    }
    return sum;
  }
}
