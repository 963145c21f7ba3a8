package dev.sluice.supervisor.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/// The two structs an answer needs, `struct seccomp_notif_resp` and `struct seccomp_notif_addfd` of
/// linux/seccomp.h, one of each for every call.
///
/// An answer can fail with ENOENT (the target died or was interrupted: no harm done), EINPROGRESS
/// (already answered), and ADDFD also with EMFILE or EBADF (the target's RLIMIT_NOFILE), after
/// which the call still waits for an answer.
public final class SeccompAnswer {
  static final StructLayout RESPONSE =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("id"),
          JAVA_LONG.withName("val"),
          JAVA_INT.withName("error"),
          JAVA_INT.withName("flags"));

  static final StructLayout ADDFD =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("id"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("srcfd"),
          JAVA_INT.withName("newfd"),
          JAVA_INT.withName("newfd_flags"));

  /// Of `struct seccomp_notif_resp`.
  public static final long RESPONSE_SIZE = RESPONSE.byteSize();

  private static final VarHandle RESPONSE_ID = RESPONSE.varHandle(groupElement("id"));
  private static final VarHandle VAL = RESPONSE.varHandle(groupElement("val"));
  private static final VarHandle ERROR = RESPONSE.varHandle(groupElement("error"));
  private static final VarHandle FLAGS = RESPONSE.varHandle(groupElement("flags"));
  private static final VarHandle ADDFD_ID = ADDFD.varHandle(groupElement("id"));
  private static final VarHandle ADDFD_FLAGS = ADDFD.varHandle(groupElement("flags"));
  private static final VarHandle SRCFD = ADDFD.varHandle(groupElement("srcfd"));
  private static final VarHandle NEWFD = ADDFD.varHandle(groupElement("newfd"));
  private static final VarHandle NEWFD_FLAGS = ADDFD.varHandle(groupElement("newfd_flags"));

  private static final int FLAG_CONTINUE = 1;
  private static final int FLAG_SEND = 2;

  private final NativeBytes response = NativeBytes.allocate(RESPONSE.byteSize());
  private final NativeBytes addfd = NativeBytes.allocate(ADDFD.byteSize());

  /// The call executes as it stands, with whatever its pointers point to by then.
  public int sendContinue(int listener, long id) {
    return send(listener, id, 0, 0, FLAG_CONTINUE);
  }

  public int sendValue(int listener, long id, long value) {
    return send(listener, id, value, 0, 0);
  }

  /// `errno` is positive here; the kernel wants it negative, and takes EPERM for the success value
  /// 1 otherwise.
  public int sendErrno(int listener, long id, int errno) {
    return send(listener, id, 0, -errno, 0);
  }

  /// The same three for somebody else to send, who is given [#response].
  public void setContinue(long id) {
    set(id, 0, 0, FLAG_CONTINUE);
  }

  public void setValue(long id, long value) {
    set(id, value, 0, 0);
  }

  public void setErrno(long id, int errno) {
    set(id, 0, -errno, 0);
  }

  /// The `struct seccomp_notif_resp` that was set or sent last.
  public NativeBytes response() {
    return response;
  }

  private void set(long id, long value, int error, int flags) {
    var segment = response.segment();
    RESPONSE_ID.set(segment, 0L, id);
    VAL.set(segment, 0L, value);
    ERROR.set(segment, 0L, error);
    FLAGS.set(segment, 0L, flags);
  }

  private int send(int listener, long id, long value, int error, int flags) {
    set(id, value, error, flags);
    return (int)
        CLibrary.keep(Seccomp.ioctl(listener, Seccomp.NOTIF_SEND, response.address()), this);
  }

  /// Installs `fd` in the target and makes its number there the result, in one step. Returns that
  /// number.
  ///
  /// Must not be interrupted: on 6.18 a signal to this thread leaves the target with a result of 0
  /// and no descriptor. Threads that answer block signals ([Signals#blockAsynchronous]).
  public int sendFd(int listener, long id, int fd, boolean closeOnExec) {
    return addFd(listener, id, fd, closeOnExec, FLAG_SEND);
  }

  /// The first of two steps: installs `fd` in the target, which goes on waiting. Returns the number
  /// there, to be sent with [#sendValue].
  public int addFd(int listener, long id, int fd, boolean closeOnExec) {
    return addFd(listener, id, fd, closeOnExec, 0);
  }

  private int addFd(int listener, long id, int fd, boolean closeOnExec, int flags) {
    var segment = addfd.segment();
    ADDFD_ID.set(segment, 0L, id);
    ADDFD_FLAGS.set(segment, 0L, flags);
    SRCFD.set(segment, 0L, fd);
    NEWFD.set(segment, 0L, 0);
    NEWFD_FLAGS.set(segment, 0L, closeOnExec ? OpenFlags.O_CLOEXEC : 0);
    return (int) CLibrary.keep(Seccomp.ioctl(listener, Seccomp.NOTIF_ADDFD, addfd.address()), this);
  }
}
