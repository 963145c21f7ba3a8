package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/// What the jars of a directory bring, found by [ServiceLoader].
public final class PlugIns {
  private static final List<String> SERVICES =
      List.of(
          "dev.sluice.supervisor.handler.SyscallHandler",
          "dev.sluice.supervisor.audit.notice.NoticeTargetProvider");

  private final Path directory;

  /// Stays open: what it has loaded may load classes for as long as it is used.
  private final URLClassLoader loader;

  private PlugIns(Path directory, URLClassLoader loader) {
    this.directory = directory;
    this.loader = loader;
  }

  /// @throws IllegalArgumentException if the directory cannot be read
  public static PlugIns in(Path directory) {
    var urls = new ArrayList<URL>();
    try (var jars = Files.newDirectoryStream(directory, "*.jar")) {
      for (Path jar : jars) {
        urls.add(url(jar));
      }
    } catch (DirectoryIteratorException e) {
      throw unreadable(directory, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw unreadable(directory, e);
    }
    var loader = new URLClassLoader(urls.toArray(URL[]::new), PlugIns.class.getClassLoader());
    return new PlugIns(directory, loader);
  }

  /// Whether a jar says that it brings something for us, of whatever kind.
  boolean bringsAnything() {
    return SERVICES.stream()
        .anyMatch(name -> loader.findResource("META-INF/services/" + name) != null);
  }

  /// All of a kind.
  ///
  /// @param service an interface of ours
  /// @throws IllegalArgumentException if one cannot be loaded
  public <T> List<T> all(Class<T> service) {
    try {
      return ServiceLoader.load(service, loader).stream()
          .filter(provider -> loader.equals(provider.type().getClassLoader()))
          .map(ServiceLoader.Provider::get)
          .toList();
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new IllegalArgumentException("plug-ins \"" + directory + "\": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException unreadable(Path directory, IOException cause) {
    return new IllegalArgumentException(
        "plug-ins \"" + directory + "\": " + FileErrors.reason(cause), cause);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }
}
