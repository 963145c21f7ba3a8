# Builds a C project of several programs: the one that the supervisor itself consists of.
# needs: make gcc
root=$(dirname "$(dirname "$(dirname "$(dirname "$(dirname "$0")")")")")
cp -r "$root/native" . && rm -rf native/target && cd native || exit
make -j2 CFLAGS=-O0 > log 2>&1
echo "status: $?"
sort log && rm log
make -q CFLAGS=-O0 && echo nothing to do
find . -type f -perm -100 | sort
touch common/*.h && make -n CFLAGS=-O0 | grep -c .
target/bin/sluice-launch 2>&1 | tail -n 1
