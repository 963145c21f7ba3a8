package dev.sluice.supervisor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.SafetyClass;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HandlersTest {
  private static final Handlers HANDLERS = Handlers.load(List.of(), Optional.empty(), Asker.NOBODY);

  /// Whatever the package it is in: a plug-in has a deadline, and never runs on the event loop.
  @Test
  void whatIsOursIsNoPlugIn() {
    for (String call : List.of("openat", "newfstatat", "mkdirat", "mount", "connect", "execve")) {
      assertThat(HANDLERS.performerOf(call).orElseThrow()).isNotInstanceOf(PlugIn.class);
    }
  }

  @Test
  void whatIsExecutedIsLookedAtAfterwards() {
    Emulation execve = HANDLERS.performerOf("execve").orElseThrow();
    assertThat(execve.safety()).isEqualTo(SafetyClass.VERIFIED);
  }
}
