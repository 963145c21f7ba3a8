package dev.sluice.supervisor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandlersTest {
  /// Whatever package they are in. A plug-in has a deadline, never runs on the event loop, and may
  /// not say that a program is to be looked at once it has been executed.
  @ParameterizedTest
  @ValueSource(strings = {"openat", "statx", "unlinkat", "execve", "mount", "connect"})
  void whatIsBuiltInIsNoPlugIn(String call) {
    var handlers = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);

    assertThat(handlers.performerOf(call)).get().isNotInstanceOf(PlugIn.class);
  }
}
