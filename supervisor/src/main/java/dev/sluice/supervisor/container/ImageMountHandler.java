package dev.sluice.supervisor.container;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Paths;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.handler.mount.FsopenHandler;
import dev.sluice.supervisor.handler.mount.MountHandler;
import dev.sluice.supervisor.kernel.Capability;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.Mounts;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.PathArgument;
import dev.sluice.supervisor.target.ServedImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `emulate: mount`: images of file systems, which in a user namespace the kernel lets nobody
/// mount, for a container's root. Everything else is mounted as the caller, and so is what somebody
/// mounts who is in no container.
///
/// By mount(2), and by fsopen(2), fsconfig(2), fsmount(2) and move_mount(2) ([ImageContexts]).
///
/// The mount goes to the container with its flags locked: it cannot take off what keeps it from
/// opening a device that somebody has put into the image.
public final class ImageMountHandler implements SyscallHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ImageMountHandler.class);

  /// What `images` may be.
  private enum Images {
    NONE,
    READ_ONLY,
    WRITABLE
  }

  private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");

  private static final Set<String> OPTIONS = Set.of("images", "devices", "most", "fuse");
  private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,3}");

  /// Whether any are mounted, and which.
  private final boolean mounts;

  private final ImageGrant grant;

  /// What serves them, instead of the kernel.
  private final Optional<String> program;

  /// For [java.util.ServiceLoader].
  public ImageMountHandler() {
    this(Images.NONE, Set.of(), ImageGrant.MOST, Optional.empty());
  }

  private ImageMountHandler(
      Images images, Set<Device> devices, int most, Optional<String> program) {
    this.mounts = images != Images.NONE;
    this.grant = new ImageGrant(images == Images.WRITABLE, devices, most);
    this.program = program;
  }

  @Override
  public String name() {
    return "mount";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("mount", "fsopen", "fsconfig", "fsmount", "move_mount");
  }

  /// `images: read-only` lets it mount images, `images: writable` also to be written to; without
  /// it, everything is as the caller. An image is a file; with `devices: "b 7:0"` it may be one of
  /// these block devices. A container, or all that are supervised together, may have 64 mounted at
  /// a time, or as many as `most: N` says. With `fuse: PROGRAM`, that program of the machine reads
  /// the images, and not the kernel.
  @Override
  public SyscallHandler configure(Map<String, String> options) {
    if (!OPTIONS.containsAll(options.keySet())) {
      throw new IllegalArgumentException(
          "it takes the options 'images', 'devices', 'most' and 'fuse', not "
              + options.keySet().stream().sorted().toList());
    }
    var served = Optional.ofNullable(options.get("fuse"));
    if (served.isPresent() && !PROGRAM.matcher(served.get()).matches()) {
      throw new IllegalArgumentException(
          "'fuse' is the name of a program, such as 'fuse2fs', not '" + served.get() + "'");
    }
    Images wanted =
        switch (options.getOrDefault("images", "")) {
          case "" -> served.isPresent() ? Images.READ_ONLY : Images.NONE;
          case "read-only" -> Images.READ_ONLY;
          case "writable" -> Images.WRITABLE;
          case String other ->
              throw new IllegalArgumentException(
                  "'images' is 'read-only' or 'writable', not '" + other + "'");
        };
    return new ImageMountHandler(wanted, blockDevices(options), most(options), served);
  }

  private static int most(Map<String, String> options) {
    String most = options.getOrDefault("most", "" + ImageGrant.MOST);
    if (!NUMBER.matcher(most).matches()) {
      throw new IllegalArgumentException("'most' is a number from 1 to 9999, not '" + most + "'");
    }
    if (options.containsKey("most") && options.containsKey("fuse")) {
      throw new IllegalArgumentException(
          "'most' is for images that the kernel reads, not for those of 'fuse'");
    }
    return Integer.parseInt(most);
  }

  private static Set<Device> blockDevices(Map<String, String> options) {
    if (!options.containsKey("devices")) {
      return Set.of();
    }
    String list = options.get("devices");
    Set<Device> named = Device.setOf(list);
    if (named.stream().anyMatch(device -> device.type() != Device.S_IFBLK)) {
      throw new IllegalArgumentException(
          "'devices' takes a list of block devices such as 'b 7:0', not '" + list + "'");
    }
    return named;
  }

  @Override
  public Verdict handle(Call call, Context context) {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    try {
      return switch (call.name()) {
        case "fsopen" -> open(call, context);
        case "fsconfig" -> ImageContexts.configure(call);
        case "fsmount" -> ImageContexts.mount(call);
        case "move_mount" -> ImageContexts.attach(call);
        default ->
            Mounts.isNew(call.arg(3)) && isImage(call, 2)
                ? mount(call)
                : new MountHandler().handle(call, context);
      };
    } catch (SyscallException e) {
      LOG.info("mount of an image for thread {}: {}", call.tid(), e.getMessage());
      return Verdict.Fail.of(e.errno());
    }
  }

  /// A program serves what mount(2) says: whoever does not find the newer calls takes that.
  private Verdict open(Call call, Context context) {
    if (!isImage(call, 0)) {
      return new FsopenHandler().handle(call, context);
    }
    return program.isPresent()
        ? Verdict.Fail.of(Errno.ENOSYS.number())
        : ImageContexts.open(call, grant);
  }

  private boolean isImage(Call call, int fstype) {
    return mounts
        && !call.task().isInOurUserNamespace()
        && ImageOptions.types().contains(call.string(fstype).toString());
  }

  private Verdict mount(Call call) {
    long flags = Mounts.flags(call.arg(3));
    String data = upToNul(MountHandler.data(call));
    PathArgument target = Paths.existing(call, 1);
    if (!call.task().isCapableInContainer(Capability.CAP_SYS_ADMIN)) {
      return Verdict.Fail.of(Errno.EPERM.number());
    }
    var mount = image(call.string(2).toString(), flags, data);
    if (call.copiedPath(0).isDescriptor()) {
      return Verdict.Fail.of(Errno.EINVAL.number());
    }
    PathArgument source = Paths.existing(call, 0);
    if (!target.stat().isDirectory()) {
      return Verdict.Fail.of(Errno.ENOTDIR.number());
    }
    return program.isPresent()
        ? serve(call, mount, source, flags, target)
        : attach(call, mount, source, ImageMount.attributes(flags), target);
  }

  private Verdict serve(
      Call call, ImageMount mount, PathArgument source, long flags, PathArgument target) {
    int image = mount.openImage(call, source);
    try (var files = call.task().openFiles()) {
      int attributes = ImageMount.attributes(flags) | Mounts.ATTR_NOSUID | Mounts.ATTR_NODEV;
      attributes |= mount.writable() ? 0 : Mounts.ATTR_RDONLY;
      var served = new ServedImage(program.orElseThrow(), image, mount.writable(), attributes);
      return Results.of(call.patientSyscalls().serve(served, target.object(), files));
    } finally {
      Files.close(image);
    }
  }

  /// A program takes no options but for those that are flags too.
  private ImageMount image(String fstype, long flags, String data) {
    if (program.isPresent() && !data.matches("((ro|rw)(,|$))*")) {
      throw Abort.errno(Errno.EINVAL);
    }
    List<String> options = new ArrayList<>(ImageOptions.parse(fstype, data));
    addIf(options, flags, Mounts.MS_SYNCHRONOUS, "sync");
    addIf(options, flags, Mounts.MS_DIRSYNC, "dirsync");
    addIf(options, flags, Mounts.MS_LAZYTIME, "lazytime");
    boolean readOnly = (flags & Mounts.MS_RDONLY) != 0 || options.contains("ro");
    return new ImageMount(fstype, grant.writable() && !readOnly, grant, options);
  }

  private static void addIf(List<String> options, long flags, int flag, String option) {
    if ((flags & flag) != 0) {
      options.add(option);
    }
  }

  private static Verdict attach(
      Call call, ImageMount image, PathArgument source, int attributes, PathArgument target) {
    int superblock = image.open(call, source);
    try (var files = call.task().openFiles()) {
      int mount = image.mount(superblock, attributes, files);
      try {
        call.validate();
        return Results.of(call.patientSyscalls().attachLocked(mount, "", target.object(), files));
      } finally {
        Files.close(mount);
      }
    } finally {
      Files.close(superblock);
    }
  }

  private static String upToNul(byte[] data) {
    int end = 0;
    while (end < data.length && data[end] != 0) {
      end++;
    }
    return new String(data, 0, end, StandardCharsets.UTF_8);
  }
}
