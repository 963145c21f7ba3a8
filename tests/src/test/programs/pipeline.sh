# Pipes, redirections, substitutions, here documents, and writers whose reader has gone.
seq 1 50000 | awk '{ print $1 % 7, $1 }' | sort -k1,1n -k2,2nr | tee all | tail -n 3
yes | head -n 2
echo "status: $?"
dd if=/dev/zero bs=4096 count=256 2>/dev/null | od -An -tx1 | uniq -c
cat <<-HERE 3>&1 >&3 | tr a-z A-Z
	from here: $(echo inner; exit 3)
HERE
(echo one; echo two >&2) > both 2>&1; cat both
echo appended >> both; : > "$(printf 'odd\nname')"; cat < nothing
echo "status: $?"
set -C; echo clobber > both
echo "status: $?"
for n in 1 2 3 4 5; do (echo "job $n" > "job$n") & done; wait
cat job*
sh -c 'kill -USR1 $$'
echo "status: $?"
exec 5<all; read -r first <&5; read -r second <&5; echo "$first, $second"
exit 42
