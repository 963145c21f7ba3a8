package dev.sluice.tests.harness;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;

/// Compiles what users write against the library that is shipped.
public final class Javac {
  private Javac() {}

  /// The jars of the library and all that it needs, for a class path or a module path.
  public static String library() {
    try (var jars = Files.list(Project.ROOT.resolve("agent/target/lib"))) {
      return jars.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Compiles source files into a directory.
  ///
  /// @param options such as `-cp`
  public static void compile(Path classes, List<String> options, Path... sources) {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var errors = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var all = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none"));
      all.addAll(options);
      var units = files.getJavaFileObjects(sources);
      if (!compiler.getTask(errors, files, null, all, null, units).call()) {
        throw new AssertionError(errors.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Packs everything below a directory.
  public static Path jar(Path jar, Path directory) {
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(directory.relativize(file).toString()));
        Files.copy(file, out);
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The first block of Java code in a page of the documentation.
  public static String codeIn(String page) {
    try {
      String text = Files.readString(Project.ROOT.resolve(page));
      int begin = text.indexOf("```java\n") + "```java\n".length();
      return text.substring(begin, text.indexOf("```\n", begin));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
