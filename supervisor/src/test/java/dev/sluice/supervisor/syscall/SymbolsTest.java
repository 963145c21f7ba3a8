package dev.sluice.supervisor.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SymbolsTest {
  /// As strace(1) writes them.
  @ParameterizedTest
  @CsvSource({
    "openat, flags, 0, O_RDONLY",
    "openat, flags, 0x80241, O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC",
    "openat, flags, 0x101000, O_RDONLY|O_SYNC",
    "openat, flags, 0x410002, O_RDWR|O_TMPFILE",
    "openat, flags, 0x40000003, 0x40000003",
    "mmap, prot, 0, PROT_NONE",
    "mmap, prot, 5, PROT_READ|PROT_EXEC",
    "mmap, flags, 0x22, MAP_PRIVATE|MAP_ANONYMOUS",
    "mmap, flags, 0x812, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE",
    "socket, domain, 2, AF_INET",
    "socket, type, 0x80801, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC",
    "faccessat2, mode, 0, F_OK",
    "faccessat2, mode, 6, W_OK|R_OK",
    "kill, sig, 9, SIGKILL",
    "kill, sig, 0, 0",
    "lseek, whence, 2, SEEK_END",
    "unlinkat, flags, 0x200, AT_REMOVEDIR",
    "newfstatat, flags, 0x1000, AT_EMPTY_PATH",
    "clone, flags, 0x1200011, SIGCHLD|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID",
    "fcntl, cmd, 2, F_SETFD",
    "mount, mountflags, 6, MS_NOSUID|MS_NODEV",
    "lseek, whence, 77, 0x4d"
  })
  void aNumberHasTheNamesOfTheHeaders(String call, String parameter, String number, String text) {
    Symbols symbols = Symbols.of(Arch.X86_64, call, parameter).orElseThrow();
    assertThat(symbols.text(Long.decode(number))).isEqualTo(text);
  }

  @Test
  void aPlainNumberHasNone() {
    assertThat(Symbols.of(Arch.X86_64, "read", "count")).isEmpty();
  }

  @Test
  void armHasBitsOfItsOwn() {
    Symbols symbols = Symbols.of(Arch.AARCH64, "openat", "flags").orElseThrow();
    assertThat(symbols.text(040000)).isEqualTo("O_RDONLY|O_DIRECTORY");
  }

  /// Every line of the table is about a parameter that there is.
  @Test
  void everyEntryIsOfAParameter() {
    TableFile.read(
        "symbols.tbl",
        fields -> {
          for (String entry : fields[1].split(",", -1)) {
            int dot = entry.indexOf('.');
            String call = entry.substring(0, dot);
            String parameter = entry.substring(dot + 1);
            if (!call.equals("*") && !parameter.startsWith("how.")) {
              assertThat(Signature.of(call).orElseThrow().indexOf(parameter))
                  .as(entry)
                  .isNotNegative();
            }
          }
        });
  }
}
