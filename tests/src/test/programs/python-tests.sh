# Python's own tests of what it does with files: the result of each, and if we are root, the same as somebody else. The modules
# are given or a few that are quick.
# needs: setpriv
[ -e /usr/lib/python3*/test/test_os.py ] || { echo the package libpython3-testsuite is not installed; exit 77; }
export TMPDIR="$PWD" HOME="$PWD" PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
umask 022
test() {
	"$@" /usr/bin/python3 -W ignore -m unittest -v "test.$test" > ../log 2>&1 < /dev/null
	echo "$test: $?"
	# how long it took, who it was, names made up, and what asyncio says on a busy machine
	sed -e '/Executing <Task/{s/Executing <Task.*//;N;s/\n//}' -e 's/ in [0-9.]*s$//' -e "s,$PWD,,g" -e 's/tmp[a-z0-9_]\{8\}/tmp/g' -e 's/test_[0-9]*_tmp/test_tmp/g' ../log | sort
}
for test in ${*:-test_posix test_glob}; do
	mkdir "$test" && chmod 777 "$test" && cd "$test" || exit
	test env
	[ "$(id -u)" = 0 ] && test setpriv --reuid nobody --regid nogroup --clear-groups
	cd .. && rm -rf log "$test"
done
