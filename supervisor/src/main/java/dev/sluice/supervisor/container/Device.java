package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.modify.MknodHandler;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A device as mknod(2) names it.
///
/// @param type S_IFCHR or S_IFBLK (inode(7))
record Device(int type, int major, int minor) {
  static final int S_IFMT = 0170000;
  static final int S_IFCHR = 0020000;
  static final int S_IFBLK = 0060000;

  private static final Pattern SYNTAX = Pattern.compile("([bc]) (\\d{1,4}):(\\d{1,7})");

  /// What the machine's administrator types at, and reads: for whoever opens it, not for whoever
  /// has a node of it.
  static final Device CONSOLE = new Device(S_IFCHR, 5, 1);

  /// What no container can do harm with, unless it opens the [#CONSOLE]: null, zero, full, random,
  /// urandom, tty, console, ptmx.
  static final Set<Device> HARMLESS =
      setOf("c 1:3, c 1:5, c 1:7, c 1:8, c 1:9, c 5:0, c 5:1, c 5:2");

  /// What a call asks for; null device numbers and other types included.
  ///
  /// @param dev as mknod(2) has it
  static Device of(int mode, int dev) {
    return new Device(mode & S_IFMT, MknodHandler.major(dev), MknodHandler.minor(dev));
  }

  /// Such as `c 1:3, b 7:0`. Throws [IllegalArgumentException].
  static Set<Device> setOf(String devices) {
    var set = new LinkedHashSet<Device>();
    for (String device : devices.split(",", -1)) {
      Matcher matcher = SYNTAX.matcher(device.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'devices' takes a list such as 'c 1:3, b 7:0', not '" + device.strip() + "'");
      }
      set.add(
          new Device(
              matcher.group(1).equals("c") ? S_IFCHR : S_IFBLK,
              Integer.parseInt(matcher.group(2)),
              Integer.parseInt(matcher.group(3))));
    }
    return Collections.unmodifiableSet(set);
  }

  /// The number for mknod(2).
  int dev() {
    return (minor & 0xff) | (major << 8) | ((minor & 0xfff00) << 12);
  }

  /// What an overlay file system marks a removed file with: everybody may make it (Linux 5.8).
  boolean isWhiteout() {
    return type == S_IFCHR && major == 0 && minor == 0;
  }

  boolean isDevice() {
    return type == S_IFCHR || type == S_IFBLK;
  }
}
