package dev.sluice.supervisor.kernel;

/// A thread that makes system calls all the time. Any thread may make them; one of this kind finds
/// its [Scratch] in a field of its own, where others search a map, several times a call.
public final class CallThread extends Thread {
  final Scratch scratch = new Scratch();

  public CallThread(Runnable task, String name) {
    super(task, name);
    setDaemon(true);
  }
}
