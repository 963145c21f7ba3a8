package dev.sluice.supervisor.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.PathParameter.Last;
import dev.sluice.supervisor.syscall.Signature.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PathParameterTest {
  @ParameterizedTest
  @EnumSource(Arch.class)
  void pointsAtRegistersOfTheRightTypes(Arch arch) {
    for (String call : arch.numbers().keySet()) {
      for (PathParameter path : PathParameter.of(arch, call)) {
        List<Parameter> parameters = Signature.of(arch, call).orElseThrow().parameters();
        assertThat(parameters.get(path.path()).type()).as(call).isEqualTo(Signature.Type.PATH);
        if (path.dirfd() >= 0) {
          assertThat(parameters.get(path.dirfd()).type()).as(call).isEqualTo(Signature.Type.DIRFD);
          assertThat(path.dirfd()).isEqualTo(path.path() - 1);
        }
        if (path.flags() >= 0) {
          boolean mask = path.last() == Last.IN_DONT_FOLLOW;
          assertThat(parameters.get(path.flags()).type())
              .as(call)
              .isEqualTo(mask ? Signature.Type.UINT : Signature.Type.FLAGS);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Arch.class)
  void aPolicyMaySpeakOfAllPathsOfACallOrOfNone(Arch arch) {
    for (String call : arch.numbers().keySet()) {
      long paths =
          Signature.of(arch, call).stream()
              .flatMap(signature -> signature.parameters().stream())
              .filter(parameter -> parameter.type() == Signature.Type.PATH)
              .count();
      assertThat((long) PathParameter.of(arch, call).size()).as(call).isIn(0L, paths);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "open, path, -1, 0, OPEN, 1",
    "creat, path, -1, 0, OPEN, -1",
    "openat, path, 0, 1, OPEN, 2",
    "openat2, path, 0, 1, OPEN, -1",
    "link, path, -1, 0, NOFOLLOW, -1",
    "linkat, path, 0, 1, AT_SYMLINK_FOLLOW, 4",
    "renameat2, path, 0, 1, NAME, 4",
    "mount, source, -1, 0, FOLLOW, 3",
    "move_mount, source, 0, 1, MOVE_MOUNT_F_SYMLINKS, 4",
    "umount2, target, -1, 0, UMOUNT_NOFOLLOW, 1",
    "fspick, path, 0, 1, FSPICK_SYMLINK_NOFOLLOW, 2",
    "unlinkat, path, 0, 1, NAME, 2",
    "symlinkat, path, 1, 2, NAME, -1",
    "statx, path, 0, 1, AT_SYMLINK_NOFOLLOW, 2",
    "inotify_add_watch, path, -1, 1, IN_DONT_FOLLOW, 2",
    "fanotify_mark, path, 3, 4, FAN_MARK_DONT_FOLLOW, 1",
  })
  void describesTheFirstPath(
      String call, String variable, int dirfd, int path, Last last, int flags) {
    assertThat(PathParameter.of(Arch.X86_64, call).getFirst())
        .isEqualTo(new PathParameter(variable, dirfd, path, last, flags));
  }

  @ParameterizedTest
  @CsvSource({
    "link, path2, -1, 1, NAME, -1",
    "linkat, path2, 2, 3, NAME, 4",
    "rename, path2, -1, 1, NAME, -1",
    "renameat, path2, 2, 3, NAME, -1",
    "mount, target, -1, 1, FOLLOW, 3",
    "move_mount, target, 2, 3, MOVE_MOUNT_T_SYMLINKS, 4",
  })
  void describesTheSecondPath(
      String call, String variable, int dirfd, int path, Last last, int flags) {
    assertThat(PathParameter.of(Arch.X86_64, call))
        .hasSize(2)
        .last()
        .isEqualTo(new PathParameter(variable, dirfd, path, last, flags));
  }

  @Test
  void aPathMayBeInAnotherRegisterOfAnotherArchitecture() {
    assertThat(PathParameter.of(Arch.I386, "fanotify_mark"))
        .containsExactly(new PathParameter("path", 4, 5, Last.FAN_MARK_DONT_FOLLOW, 1));
  }

  @Test
  void aCallWithoutPathsHasNone() {
    assertThat(PathParameter.of(Arch.X86_64, "getpid")).isEmpty();
    assertThat(PathParameter.of(Arch.X86_64, "no_such_call")).isEmpty();
  }
}
