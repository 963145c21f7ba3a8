package dev.sluice.supervisor.audit.store;

import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.LineOutput;
import dev.sluice.supervisor.audit.log.LogFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteException;

/// Lines in the table of a database, all of a batch or none of it: a transaction each.
///
/// With a write-ahead log and `synchronous=normal`, what was committed outlives whoever wrote it;
/// if the machine loses its power, the last transactions may be missing, as the last lines of a
/// file would be.
final class LineTable implements LineOutput {
  /// How long to wait for somebody else who writes. What could not be written is kept.
  private static final int BUSY_MILLIS = 1000;

  /// Says that a database is an audit log (`PRAGMA application_id`): `Slce`.
  private static final int APPLICATION = 0x536c6365;

  /// A line has a kilobyte: fewer of them lie across pages, and fewer pages are written twice, than
  /// with what SQLite has by default. The write-ahead log grows to 64 MiB.
  private static final int PAGE = 16_384;

  private static final int CHECKPOINT_PAGES = 4_000;

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final String IMMUTABLE = "?immutable=1";
  private static final String INSERT = "INSERT INTO line (json) VALUES (?)";

  private final String name;
  private final Connection connection;
  private final PreparedStatement insert;

  /// For transactions. JDBC's own begin the next one as they end one, and stay without when the end
  /// of one fails.
  private final Statement control;

  private LineTable(String name, Connection connection) throws SQLException {
    this.name = name;
    this.connection = connection;
    this.insert = connection.prepareStatement(INSERT);
    this.control = connection.createStatement();
  }

  static LineTable open(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("it is no regular file");
    }
    // SQLite would not say why it cannot, and gives its other files the mode of this one
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileChannel.open(file, options, OWNER_ONLY).close();
    var config = new SQLiteConfig();
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    Connection connection = null;
    try {
      connection = connect(file, "", config);
      prepare(connection);
      return new LineTable(ByteText.of(file.toString()).quoted(), connection);
    } catch (SQLException e) {
      close(connection, e);
      throw readable(e);
    } catch (IOException e) {
      close(connection, e);
      throw e;
    }
  }

  private static Connection connect(Path file, String query, SQLiteConfig config)
      throws SQLException {
    config.setBusyTimeout(BUSY_MILLIS);
    var source = new SQLiteDataSource(config);
    // as a URI, so that no character of the name means something else
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath().toUri().toASCIIString() + query);
    return source.getConnection();
  }

  private static void prepare(Connection connection) throws SQLException, IOException {
    try (Statement statement = connection.createStatement()) {
      if (number(statement, "PRAGMA schema_version") == 0) {
        statement.execute("PRAGMA page_size = " + PAGE);
        statement.execute("PRAGMA application_id = " + APPLICATION);
      }
      check(statement);
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
      for (String each : LineSchema.statements()) {
        statement.execute(each);
      }
    }
  }

  private static void check(Statement statement) throws SQLException, IOException {
    if (number(statement, "PRAGMA application_id") != APPLICATION) {
      throw new IOException("it is the database of another program");
    }
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void write(byte[] lines, int count) throws IOException {
    try {
      control.execute("BEGIN IMMEDIATE");
      int begin = 0;
      for (int i = 0; i < count; i++) {
        if (lines[i] == '\n') {
          insert.setString(1, new String(lines, begin, i - begin, StandardCharsets.US_ASCII));
          insert.addBatch();
          begin = i + 1;
        }
      }
      insert.executeBatch();
      control.execute("COMMIT");
    } catch (SQLException e) {
      try {
        insert.clearBatch();
        control.execute("ROLLBACK");
      } catch (SQLException again) {
        e.addSuppressed(again); // it is over already: a full disk ends it
      }
      throw readable(e);
    }
  }

  static void read(Path file, long after, LogFiles.Reader reader) throws IOException {
    var config = new SQLiteConfig();
    config.setReadOnly(true);
    try (Connection connection = connect(file, isStill(file) ? IMMUTABLE : "", config);
        Statement statement = connection.createStatement()) {
      check(statement);
      String query = "SELECT number, CAST(json AS BLOB) FROM line WHERE number > ? ORDER BY number";
      try (PreparedStatement select = connection.prepareStatement(query)) {
        select.setLong(1, after);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            byte[] bytes = Objects.requireNonNullElse(rows.getBytes(2), new byte[0]);
            reader.line(new LogFiles.Line(file, rows.getLong(1), bytes, true));
          }
        }
      }
    } catch (SQLException e) {
      throw readable(e);
    }
  }

  /// Whether nobody writes to it: a reader would make files beside it for those who do, and may be
  /// allowed to make none, as in an archive.
  private static boolean isStill(Path file) throws IOException {
    Path real = file.toRealPath();
    Path log = real.resolveSibling(real.getFileName() + "-wal");
    return Files.notExists(log) && !Files.isWritable(real.resolveSibling("."));
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw readable(e);
    }
  }

  private static void close(@Nullable Connection connection, Exception e) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException again) {
      e.addSuppressed(again);
    }
  }

  /// With the words of SQLite alone.
  private static IOException readable(SQLException e) {
    String message =
        e instanceof SQLiteException known
            ? String.valueOf(known.getResultCode().message)
            : String.valueOf(e.getMessage());
    return new IOException(message, e);
  }
}
