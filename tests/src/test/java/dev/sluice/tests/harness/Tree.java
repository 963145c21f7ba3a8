package dev.sluice.tests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// What lies below a directory: a line for each file, with everything that does not depend on when
/// or where it was made.
public final class Tree {
  private Tree() {}

  public static List<String> of(Path directory) {
    try (var paths = Files.walk(directory)) {
      return paths.sorted().map(path -> describe(directory, path)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String describe(Path directory, Path path) {
    try {
      Map<String, Object> attributes =
          Files.readAttributes(path, "unix:mode,nlink,uid,gid", LinkOption.NOFOLLOW_LINKS);
      return "%s mode %o links %s owner %s:%s %s"
          .formatted(
              directory.relativize(path),
              (int) attributes.get("mode"),
              attributes.get("nlink"),
              attributes.get("uid"),
              attributes.get("gid"),
              content(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String content(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return "to " + Files.readSymbolicLink(path);
    }
    if (!Files.isRegularFile(path)) {
      return "";
    }
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
      return Files.size(path) + " bytes " + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
