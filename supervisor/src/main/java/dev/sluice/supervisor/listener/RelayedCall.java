package dev.sluice.supervisor.listener;

import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.kernel.SeccompNotif;

/// A call that was passed on to us, whose answer is sent by whoever passed it on.
public interface RelayedCall {
  /// The notify fd it came from: ours until [#close].
  int listener();

  void copyTo(SeccompNotif notif);

  /// How long the relay waits for us, in nanoseconds from when we received the call.
  long patienceNanos();

  /// Has the relay send that answer, if the call still waits for one. Returns 0, or -ENOENT if it
  /// does not. Any thread may.
  int reply(SeccompAnswer answer);

  /// There will be no answer: the relay is to wait no longer. Of no effect if there was one.
  void giveUp();

  /// Nobody will use it any more.
  void close();
}
