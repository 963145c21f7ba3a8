package dev.sluice.agent.serve;

import dev.sluice.agent.control.Agent;
import dev.sluice.agent.control.ControlServer;
import dev.sluice.agent.control.Secured;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.kernel.SyscallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/// Where an agent is looked at and told what to do.
public final class ControlOptions {
  /// Beside the default of `--socket`.
  public static final String DEFAULT = "/run/sluice/control.sock";

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description = "the socket of the control API; control.sock beside --socket if not given")
  private Optional<Path> control = Optional.empty();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "serve the control API on a TCP port too, with TLS and a bearer token")
  private Optional<String> listen = Optional.empty();

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description = "for --listen: a certificate and its chain, as PEM")
  private Optional<Path> certificate = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "for --listen: the private key of the certificate, as PEM (PKCS #8)")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--token",
      paramLabel = "FILE",
      description = "a file with the token that clients of --listen must have")
  private Optional<Path> token = Optional.empty();

  @Option(
      names = "--read-token",
      paramLabel = "FILE",
      description =
          "a file with another token, for clients of --listen that only look (GET), such as"
              + " Prometheus")
  private Optional<Path> readToken = Optional.empty();

  /// What is wrong is said before anything is supervised.
  Optional<Secured> secured() {
    if (listen.isEmpty()) {
      if (Stream.of(certificate, key, token, readToken).anyMatch(Optional::isPresent)) {
        throw new UsageException("--certificate, --key, --token and --read-token are for --listen");
      }
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty() || token.isEmpty()) {
      throw new UsageException("--listen needs --certificate, --key and --token");
    }
    try {
      return Optional.of(
          Secured.of(listen.get(), certificate.get(), key.get(), token.get(), readToken));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--listen: " + e.getMessage());
    }
  }

  ControlServer serve(Agent agent, Optional<Secured> secured) {
    var server = new ControlServer(agent);
    try {
      server.listen(control.orElse(agent.socket().resolveSibling("control.sock")));
      if (secured.isPresent()) {
        server.listen(secured.get());
      }
      return server;
    } catch (IOException | SyscallException e) {
      server.close();
      throw new UsageException("the control API cannot be served: " + e.getMessage());
    }
  }
}
