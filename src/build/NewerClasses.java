import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Has the classes of a jar that are older than Java 6 be of Java 7, whose verifier needs a map of
/// the stack. The JVM keeps no older ones in its AOT cache (seen with JDK 25): each start would
/// read, verify and link them anew.
///
/// usage, with the java of JDK 25: java src/build/NewerClasses.java JAR
final class NewerClasses {
  private static final String NOTE = "META-INF/NEWER-CLASSES";

  private NewerClasses() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("usage: java src/build/NewerClasses.java JAR");
      System.exit(2);
    }
    Path jar = Path.of(args[0]);
    try (var from = new JarFile(jar.toFile())) {
      if (from.getEntry(NOTE) == null) {
        Path made = jar.resolveSibling(jar.getFileName() + ".new");
        copy(from, jar, made);
        Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void copy(JarFile from, Path jar, Path made) throws IOException {
    try (var to = new ZipOutputStream(Files.newOutputStream(made));
        var classes = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
      var newer = newer(classes);
      for (ZipEntry entry : from.stream().toList()) {
        byte[] content = from.getInputStream(entry).readAllBytes();
        put(to, entry.getName(), isOld(entry, content) ? raised(newer, content) : content);
      }
      put(to, NOTE, "Sluice's build has raised the version of the class files.\n".getBytes());
    }
  }

  private static ClassFile newer(ClassLoader classes) {
    var hierarchy =
        ClassHierarchyResolver.ofResourceParsing(classes)
            .orElse(ClassHierarchyResolver.defaultResolver());
    return ClassFile.of(
        StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(hierarchy));
  }

  private static boolean isOld(ZipEntry entry, byte[] content) {
    return entry.getName().endsWith(".class")
        && ClassFile.of().parse(content).majorVersion() < ClassFile.JAVA_6_VERSION;
  }

  private static byte[] raised(ClassFile newer, byte[] content) {
    // methods as they are would be copied, without maps
    var methods = ClassTransform.transformingMethodBodies((code, element) -> code.with(element));
    ClassTransform version =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(ClassFile.JAVA_7_VERSION, 0);
          } else {
            builder.with(element);
          }
        };
    return newer.transformClass(newer.parse(content), methods.andThen(version));
  }

  private static void put(ZipOutputStream to, String name, byte[] content) throws IOException {
    to.putNextEntry(new ZipEntry(name));
    to.write(content);
    to.closeEntry();
  }
}
