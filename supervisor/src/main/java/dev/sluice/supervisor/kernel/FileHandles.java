package dev.sluice.supervisor.kernel;

/// Files by what their file system calls them (open_by_handle_at(2)), for which one needs
/// CAP_DAC_READ_SEARCH.
public final class FileHandles {
  private static final int MAX_HANDLE_SZ = 128;

  /// Of `struct file_handle`
  private static final int F_HANDLE = 8;

  private static final NativeBytes NOTHING = NativeBytes.ofString("");

  private FileHandles() {}

  /// Opens what `fd` refers to by another mount of its file system. -errno on error: ESTALE if it
  /// was removed, or is none of that file system.
  ///
  /// @param mount a descriptor of anything on that mount, not O_PATH
  public static int openThrough(int mount, int fd, int flags) {
    var handle = NativeBytes.allocate(F_HANDLE + MAX_HANDLE_SZ);
    handle.putInt(0, MAX_HANDLE_SZ);
    var mountId = NativeBytes.allocate(Integer.BYTES);
    long named =
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.NAME_TO_HANDLE_AT,
                fd,
                NOTHING.address(),
                handle.address(),
                mountId.address(),
                OpenFlags.AT_EMPTY_PATH,
                0),
            handle,
            mountId);
    return named < 0
        ? (int) named
        : (int)
            CLibrary.keep(
                CLibrary.syscall(SyscallNumber.OPEN_BY_HANDLE_AT, mount, handle.address(), flags),
                handle);
  }
}
