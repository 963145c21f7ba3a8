# Compiles, tests and packs a small project, offline, with the plug-ins that the supervisor itself is built with.
# needs: mvn javac
root=$(dirname "$(dirname "$(dirname "$(dirname "$(dirname "$(dirname "$0")")")")")")
# version ARTIFACT: as the supervisor's project has it
version() { grep -A1 "<artifactId>$1</artifactId>" "$root/pom.xml" | sed -n 's/.*<version>\(.*\)<.*/\1/p' | head -n 1; }
plugin() { echo "<plugin><artifactId>$1</artifactId><version>$(version "$1")</version></plugin>"; }
cat > pom.xml <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>small</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <project.build.outputTimestamp>2000-01-01T00:00:00Z</project.build.outputTimestamp>
  </properties>
  <dependencies>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>$(version junit-bom)</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins>
    $(for name in resources compiler surefire jar; do plugin "maven-$name-plugin"; done)
  </plugins></build>
</project>
POM
mkdir -p src/main/java/small src/main/resources src/test/java/small
echo 'greeting = hello' > src/main/resources/small.properties
for n in 1 2 3 4 5 6 7 8; do
	echo "package small; public record Part$n(int number) { public int twice() { return 2 * number; } }" > "src/main/java/small/Part$n.java"
done
cat > src/test/java/small/PartTest.java <<'JAVA'
package small;
import static org.junit.jupiter.api.Assertions.*;
import java.nio.file.*;
import org.junit.jupiter.api.*;
import org.junit.jupiter.api.io.TempDir;
class PartTest {
  @Test void twice() { assertEquals(6, new Part1(3).twice()); }
  @Test void file(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("a"), "text");
    assertThrows(FileAlreadyExistsException.class, () -> Files.createFile(file));
    assertEquals("text", Files.readString(Files.move(file, directory.resolve("b"))));
    assertTrue(Files.getFileStore(directory).getTotalSpace() > 0);
  }
}
JAVA
mvn --batch-mode --offline package > log 2>&1
echo "status: $?"
grep -e '^\[ERROR' -e 'Tests run' log | sed 's/, Time.*//'
if grep -q -e 'offline mode' log; then echo what it needs was never downloaded: build the supervisor first; exit 77; fi
jar --list --file target/small-1.jar | sort
mvn --batch-mode --offline --quiet package -DskipTests
echo "status: $?"
find . -type f | sort
# when, and how long
rm -r log target/surefire-reports target/maven-status
