package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;

/// Calls made by ourselves, but for those that change something: should we end in the middle of
/// such a one, nobody would know what came of it. A worker makes them, and notes that ([Progress]).
final class KeptSyscalls implements Syscalls {
  private static final LocalSyscalls LOCAL = new LocalSyscalls();

  private final Call call;

  KeptSyscalls(Call call) {
    this.call = call;
  }

  private Syscalls worker() {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return call.patientSyscalls();
  }

  @Override
  public int pin(int dirfd, NativeBytes path, int flags, long resolve) {
    return LOCAL.pin(dirfd, path, flags, resolve);
  }

  @Override
  public long make(Operation operation, boolean again) {
    return again ? LOCAL.make(operation, true) : worker().make(operation, false);
  }

  @Override
  public int open(Operation operation) {
    return LOCAL.open(operation);
  }

  @Override
  public int create(int directory, NativeBytes name, int flags, int mode, int umask) {
    return worker().create(directory, name, flags, mode, umask);
  }

  @Override
  public int reopen(int pinned, int flags) {
    return LOCAL.reopen(pinned, flags);
  }

  @Override
  public int mount(
      int sourceObject, byte[] source, int target, byte[] fstype, long flags, MountData data) {
    return worker().mount(sourceObject, source, target, fstype, flags, data);
  }

  @Override
  public long setMountAttributes(int object, int flags, byte[] attr, long size, int userNamespace) {
    return worker().setMountAttributes(object, flags, attr, size, userNamespace);
  }

  @Override
  public int fsopen(byte[] fstype, int flags) {
    return LOCAL.fsopen(fstype, flags);
  }

  @Override
  public int createAlone(int context, String device, int number) {
    return LOCAL.createAlone(context, device, number);
  }

  @Override
  public int lock(int mount, TaskFiles files) {
    return LOCAL.lock(mount, files);
  }

  @Override
  public int attachLocked(int mount, String below, int object, TaskFiles files) {
    return LOCAL.attachLocked(mount, below, object, files);
  }

  @Override
  public int serve(ServedImage image, int object, TaskFiles files) {
    return LOCAL.serve(image, object, files);
  }

  @Override
  public int connect(int socket, NativeBytes address, int length) {
    return worker().connect(socket, address, length);
  }

  @Override
  public int connectTo(int socket, int pinned) {
    return worker().connectTo(socket, pinned);
  }

  @Override
  public int bind(int socket, NativeBytes address, int length) {
    return worker().bind(socket, address, length);
  }

  @Override
  public int bindName(int socket, int directory, NativeBytes name, int umask) {
    return worker().bindName(socket, directory, name, umask);
  }

  @Override
  public int send(int socket, OutgoingMessage message, int flags) {
    return worker().send(socket, message, flags);
  }

  @Override
  public int maxMessage() {
    return worker().maxMessage();
  }

  @Override
  public boolean isMadeBy(int pid) {
    return LOCAL.isMadeBy(pid);
  }

  @Override
  public boolean isInline() {
    return true;
  }
}
