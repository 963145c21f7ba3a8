# The everyday commands for files: each makes its calls in its own way.
umask 027
mkdir -p a/b/c && mkdir -m 2755 setgid && mkdir a/b 2>&1
echo one > a/one && cp -p a/one a/two && cp -a a copy && cp -al copy linked && ln -s one a/link
cp -r --preserve=links,mode a into/ 2>&1; mkdir into && cp -rP a into && cp -u a/one into/a/one
install -D -m 640 a/one made/by/install && truncate -s 10000 a/sparse && cp --sparse=always a/sparse copy/sparse
mv a/one a/b/c/moved && mv -n a/two copy/two && mv -T copy renamed && mv a/b/c a/c && mv a/none x 2>&1
rename() { mv "$1" "$2"; }; rename a/sparse "a/$(printf 'odd\tname')"
ln -s ../a into/up && ln -sfn ../made into/up && ln a/two hard && ln -L a/link dereferenced 2>&1
readlink into/up; readlink -f into/up/by/install | sed "s,^$PWD/,,"; readlink -e nothing; echo "status: $?"
chmod -R g+rX,o= a && chmod u-w made/by/install && chmod +s renamed && chgrp "$(id -g)" a && chown -h "$(id -u)" into/up
touch -d '2001-02-03 04:05:06.789 UTC' a/two && touch -r a/two hard renamed && touch -h -d '1999-09-09 UTC' into/up
touch nothing/here 2>&1; touch -c not-made; touch -a -d '2002-01-01 UTC' hard
TZ=UTC stat -c '%n %F %a %h %s %y' a/two hard into/up renamed && stat -c '%n %a %s' made/by/install
stat -L -c '%F' into/up; stat -f -c '%T' .; stat nothing 2>&1
test -r a/two && test ! -w / -o -w / && test -x a && test ! -e nothing && test -L into/up && test hard -ef a/two && echo all true
mkfifo pipe && (cat pipe > got & echo through the pipe > pipe; wait) && cat got
mktemp -d tmp.XXXXXX > name && rmdir "$(cat name)" && rm name && rmdir a 2>&1
rm -r into && rm -rf linked no-such && rm made 2>&1; unlink hard && find . -empty -type f
find . \( -name '*name' -o -newer a/two \) -printf '%P %y %m %n %l\n' | sort
find . -type d -exec chmod 755 {} + ; du --apparent-size -ab a/two; df . > /dev/null && echo df
cd a/c && rmdir ../c && { ls . ; echo x > file; pwd; mkdir below; } 2>&1 | sed 's,/.*/,,'
