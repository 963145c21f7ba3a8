package dev.sluice.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/// A broker of Kafka that is its own controller (KRaft), in a JVM of its own.
final class Broker implements AutoCloseable {
  private static final String CONTROLLER = "CONTROLLER";

  private final Path directory;
  private final int port;
  private final Path properties;
  private @Nullable Process process;

  Broker(Path directory, int partitions) throws Exception {
    this.directory = directory;
    port = freePort();
    int controllerPort = freePort();
    Path data = directory.resolve("data");
    properties =
        Files.writeString(
            directory.resolve("server.properties"),
            """
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:%2$d
            listeners=PLAINTEXT://127.0.0.1:%1$d,%4$s://127.0.0.1:%2$d
            controller.listener.names=%4$s
            log.dirs=%3$s
            num.partitions=%5$d
            num.network.threads=1
            num.io.threads=2
            log.cleaner.enable=false
            """
                .formatted(port, controllerPort, data, CONTROLLER, partitions));
    new Formatter()
        .setClusterId("AAAAAAAAAAAAAAAAAAAAAQ")
        .setNodeId(1)
        .setDirectories(List.of(data.toString()))
        .setMetadataLogDirectory(data.toString())
        .setControllerListenerName(CONTROLLER)
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .run();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /// Begins to start; whoever wants to talk to it tries until it answers.
  void start() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    process =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "kafka.Kafka",
                properties.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }

  /// SIGKILL.
  void kill() {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
