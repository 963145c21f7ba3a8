# Fetches the source of a GNU program with a list of sources of its own, configures it, builds, tests and installs it.
# needs: apt-get dpkg-source make gcc
sources=/etc/apt/sources.list.d/debian.sources
[ -e $sources ] || { echo "there is no $sources"; exit 77; }
mkdir -p apt/lists/partial apt/cache/archives/partial
sed 's/^Types: deb$/Types: deb-src/' $sources > apt/debian.sources
apt() {
	apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$PWD/apt" -o Dir::State::Lists="$PWD/apt/lists" \
		-o Dir::Cache="$PWD/apt/cache" "$@" > log 2>&1 || { echo "apt-get: $(tail -n 1 log)"; exit 77; }
}
apt update && apt source hello
ls
rm -rf apt log ./*.dsc ./*.xz ./*.asc && mv hello-* source && mkdir build && cd build || exit
../source/configure --prefix=/usr > log 2>&1
echo "status: $?"
cat log
make -j2 > log 2>&1
echo "status: $?"
sort log
make check > log 2>&1
echo "status: $?"
grep '^# ' log
make -q && echo nothing to do
make -s install DESTDIR="$PWD/root" > log 2>&1
echo "status: $?"
root/usr/bin/hello
# when and how long
rm -f log config.log tests/*.log
