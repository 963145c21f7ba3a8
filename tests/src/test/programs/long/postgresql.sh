# Makes a database, starts its server, and asks it by its Unix socket. The server refuses to be root.
# needs: setpriv
bin=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo the package postgresql is not installed; exit 77; }
if [ "$(id -u)" = 0 ]; then
	exec setpriv --reuid nobody --regid nogroup --clear-groups sh "$0"
fi
export LC_ALL=C.UTF-8 TZ=UTC HOME="$PWD" PGHOST="$PWD" PGDATABASE=postgres PGUSER=owner
umask 022
"$bin/initdb" --pgdata base --username owner --auth trust --no-instructions > log 2>&1
echo "status: $?"
sed "s,$PWD,,g" log
echo "listen_addresses = '' unix_socket_directories = '$PWD' fsync = on" | sed 's/ unix/\n&/; s/ fsync/\n&/' >> base/postgresql.conf
"$bin/pg_ctl" --pgdata base --log server --wait start > log
echo "status: $?"
"$bin/psql" --no-psqlrc --quiet <<'SQL'
CREATE TABLE t AS SELECT n, md5(n::text) AS text FROM generate_series(1, 20000) AS n;
CREATE INDEX ON t (text);
BEGIN; DELETE FROM t WHERE n % 2 = 0; SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; COMMIT;
VACUUM FULL t; CHECKPOINT;
SELECT count(*), min(text), max(n) FROM t;
\copy t to 'table'
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT sum(n) FROM t;
CREATE TABLESPACE elsewhere LOCATION '/nowhere';
SELECT pg_read_file('base/nothing');
SELECT (pg_stat_file('PG_VERSION')).size;
SQL
"$bin/pg_dump" > dump && grep -c . dump
"$bin/pg_ctl" --pgdata base --mode immediate --wait restart > log
echo "status: $?"
"$bin/psql" --no-psqlrc --quiet --command 'SELECT count(*) FROM t;'
"$bin/pg_ctl" --pgdata base --wait stop > log
echo "status: $?"
"$bin/pg_controldata" base | grep state
find base \( -type d -o -name 'PG_VERSION' \) -printf '%P %y %m\n' | sort
# numbers and times of its own
rm -r base server log dump
