package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesTest {
  private static final int PATH_ONLY = OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;

  @TempDir private Path directory;
  private int dirfd;

  @BeforeEach
  void openDirectory() {
    dirfd = Files.open(directory.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
  }

  @AfterEach
  void closeDirectory() {
    Files.close(dirfd);
  }

  @Test
  void anErrorIsANegativeErrno() {
    assertThat(Files.openat(dirfd, name("missing"), OpenFlags.O_RDONLY, 0))
        .isEqualTo(-Errno.ENOENT.number());
    assertThat(Files.close(-1)).isEqualTo(-Errno.EBADF.number());
  }

  @Test
  void whatMustNotFailSaysWhichCallFailedOnWhat() {
    String missing = directory.resolve("missing").toString();
    assertThatThrownBy(() -> Files.open(missing, OpenFlags.O_RDONLY))
        .isInstanceOf(SyscallException.class)
        .hasMessage("open \"" + missing + "\": ENOENT")
        .extracting(e -> ((SyscallException) e).errno())
        .isEqualTo(Errno.ENOENT.number());
  }

  @Test
  void openedByUsItIsClosedOnExec() throws IOException {
    write("file", "x");
    int fd = Files.open(directory.resolve("file").toString(), OpenFlags.O_RDONLY);
    assertThat(flagsOf(fd) & OpenFlags.O_CLOEXEC).isNotZero();
    Files.close(fd);
  }

  @Test
  void openat2HeedsFlagsModeAndResolve() throws IOException {
    java.nio.file.Files.createSymbolicLink(directory.resolve("link"), directory.resolve("new"));
    assertThat(Files.openat2(dirfd, name("link"), PATH_ONLY, 0, OpenFlags.RESOLVE_NO_SYMLINKS))
        .isEqualTo(-Errno.ELOOP.number());
    assertThat(Files.openat2(dirfd, name("link"), PATH_ONLY, 0, OpenFlags.RESOLVE_BENEATH))
        .isEqualTo(-Errno.EXDEV.number());
    int created =
        Files.openat2(dirfd, name("new"), OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0600, 0);
    assertThat(created).isNotNegative();
    Files.close(created);
    assertThat(java.nio.file.Files.getPosixFilePermissions(directory.resolve("new")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void aLinkIsReadWithoutANul() throws IOException {
    java.nio.file.Files.createSymbolicLink(directory.resolve("link"), Path.of("to/there"));
    var text = NativeBytes.allocate(64);
    assertThat(Files.readlinkat(dirfd, name("link"), text)).isEqualTo(8);
    assertThat(string(text, 8)).isEqualTo("to/there");
  }

  @Test
  void statSaysWhatAFileIs() throws IOException {
    write("file", "x");
    java.nio.file.Files.createLink(directory.resolve("second"), directory.resolve("file"));
    var stat = new Stat();
    assertThat(Files.fstatat(dirfd, name("file"), stat)).isZero();
    assertThat(stat.isRegular()).isTrue();
    assertThat(stat.nlink()).isEqualTo(2);
    assertThat(stat.ino())
        .isEqualTo(java.nio.file.Files.getAttribute(directory.resolve("file"), "unix:ino"));
    assertThat(stat.dev())
        .isEqualTo(java.nio.file.Files.getAttribute(directory.resolve("file"), "unix:dev"));
    assertThat(stat.mode())
        .isEqualTo(java.nio.file.Files.getAttribute(directory.resolve("file"), "unix:mode"));
    assertThat(stat.uid())
        .isEqualTo(java.nio.file.Files.getAttribute(directory.resolve("file"), "unix:uid"));
    assertThat(stat.length()).isEqualTo(1);
    var written = java.nio.file.Files.getLastModifiedTime(directory.resolve("file")).toInstant();
    assertThat(stat.seconds(Stat.Time.MODIFICATION)).isEqualTo(written.getEpochSecond());
    assertThat(stat.nanoseconds(Stat.Time.MODIFICATION)).isEqualTo(written.getNano());
    assertThat(Files.fstat(dirfd, stat)).isZero();
    assertThat(stat.isDirectory()).isTrue();
    assertThat(stat.isRegular() || stat.isSymlink() || stat.isFifo()).isFalse();
  }

  @Test
  void aDeviceHasAMajorAndAMinorNumber() {
    var stat = new Stat();
    assertThat(Files.fstatat(OpenFlags.AT_FDCWD, name("/dev/null"), stat)).isZero();
    assertThat(stat.isCharacterDevice()).isTrue();
    assertThat(Stat.major(stat.rdev())).isEqualTo(1);
    assertThat(Stat.minor(stat.rdev())).isEqualTo(3);
  }

  @Test
  void aMountHasTheMagicNumberOfItsFileSystem() {
    int proc = Files.open("/proc", OpenFlags.O_PATH);
    var stat = new Stat();
    assertThat(Files.fstat(proc, stat)).isZero();
    Files.close(proc);
    assumeTrue(stat.isMountIdUnique(), "statmount(2): Linux 6.8");
    assertThat(Mounts.filesystemType(stat.mountId())).isEqualTo(0x9fa0);
    assertThat(Mounts.filesystemType(1L << 60)).isEqualTo(-Errno.ENOENT.number());
  }

  @Test
  void theFlagsOfADescriptorAreRead() {
    int proc = Files.open("/proc", OpenFlags.O_PATH);
    assertThat(Files.statusFlags(proc) & OpenFlags.O_PATH).isEqualTo(OpenFlags.O_PATH);
    Files.close(proc);
    assertThat(Files.statusFlags(-1)).isEqualTo(-Errno.EBADF.number());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 1 << 20})
  void aSealedFileIsReadFromItsBeginningAndNeverChanges(int size) throws IOException {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (byte) (i * 31);
    }
    int fd = Files.sealedFile("name", content);
    Path file = Path.of("/proc/self/fd/" + fd);
    assertThat(java.nio.file.Files.readAllBytes(file)).isEqualTo(content);
    assertThat(Files.write(fd, NativeBytes.allocate(1), 1)).isEqualTo(-Errno.EBADF.number());
    var stat = new Stat();
    assertThat(Files.fstat(fd, stat)).isZero();
    assertThat(stat.isRegular()).isTrue();
    assertThat(stat.mode() & 0777).as("everybody may read it").isEqualTo(0444);
    // opened once more, for writing, it is still sealed
    int writable = Descriptors.reopen(fd, OpenFlags.O_RDWR);
    assertThat(Files.write(writable, NativeBytes.allocate(1), 1)).isEqualTo(-Errno.EPERM.number());
    assertThat(flagsOf(fd) & OpenFlags.O_CLOEXEC).isNotZero();
    Files.close(writable);
    Files.close(fd);
  }

  @Test
  void whatReadsAFileGoesOnWhereItWasPut() {
    int fd = Files.sealedFile("name", new byte[] {1, 2, 3});
    var one = NativeBytes.allocate(1);
    assertThat(Files.read(fd, one)).isEqualTo(1);
    assertThat(Files.tell(fd)).isEqualTo(1);
    assertThat(Files.seek(fd, 2)).isEqualTo(2);
    assertThat(Files.read(fd, one)).isEqualTo(1);
    assertThat(one.getByte(0)).isEqualTo((byte) 3);
    Files.close(fd);
  }

  @Test
  void statusFlagsCanBeTakenBack() throws IOException {
    write("file", "x");
    int fd = Files.openat(dirfd, name("file"), OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK, 0);
    assertThat(flagsOf(fd) & OpenFlags.O_NONBLOCK).isNotZero();
    assertThat(Files.setStatusFlags(fd, 0)).isZero();
    assertThat(flagsOf(fd) & OpenFlags.O_NONBLOCK).isZero();
    Files.close(fd);
  }

  @Test
  void aThreadCanHaveAUmaskOfItsOwn() throws InterruptedException {
    int[] seen = new int[2];
    var thread =
        new Thread(() -> {
          Files.unshareFs();
          Files.umask(077);
          seen[0] = Files.umask(077);
        });
    thread.start();
    thread.join();
    seen[1] = umaskOfThisProcess();
    assertThat(seen[0]).isEqualTo(077);
    assertThat(seen[1]).isNotEqualTo(077);
  }

  private static int umaskOfThisProcess() {
    return Integer.parseInt(ProcText.field("/proc/self/status", "Umask"), 8);
  }

  private static int flagsOf(int fd) {
    return Integer.parseInt(ProcText.field("/proc/self/fdinfo/" + fd, "flags"), 8);
  }

  private void write(String file, String text) throws IOException {
    java.nio.file.Files.writeString(directory.resolve(file), text);
  }

  private static NativeBytes name(String name) {
    return NativeBytes.ofString(name);
  }

  private static String string(NativeBytes bytes, int length) {
    byte[] array = new byte[length];
    bytes.get(0, array, 0, length);
    return new String(array, StandardCharsets.UTF_8);
  }
}
