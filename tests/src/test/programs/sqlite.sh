# POSIX locks, journals and shared memory.
# needs: sqlite3
sqlite3 base 'PRAGMA journal_mode = WAL; CREATE TABLE t (writer, n);'
fill() {
	for n in 1 2 3 4 5 6 7 8 9 10; do
		echo ".timeout 30000
			INSERT INTO t VALUES ('$1', $n);" | sqlite3 base
	done
}
fill a & fill b & wait
sqlite3 base 'SELECT writer, count(*), sum(n) FROM t GROUP BY writer; PRAGMA integrity_check;'
sqlite3 base 'PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;' '.shell sqlite3 base "DELETE FROM t" 2>&1' 'COMMIT;'
sqlite3 base 'SELECT count(*) FROM t;'
# the order of its rows is that of its writers
rm base
