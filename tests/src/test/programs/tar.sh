# Packs and unpacks links, modes and times.
# needs: tar gzip
umask 027
mkdir -p from/empty 'from/with space' && cd from || exit
seq 1 20000 > 'with space/large' && echo small > small && : > none
ln small hard && ln -s small soft && ln -s /no/such/place dangling && mkfifo fifo
chmod 4755 small && chmod 0400 none && chmod 1777 empty
find . -exec touch -h -d '2001-02-03 04:05:06 UTC' {} +
cd ..
tar --create --sort=name --gzip --file packed.tar.gz from
tar --list --verbose --numeric-owner --file packed.tar.gz
mkdir to && tar --extract --preserve-permissions --file packed.tar.gz --directory to
tar --compare --file packed.tar.gz --directory to && echo the same
diff -r --no-dereference from/ to/from/
TZ=UTC ls -lRn --time-style=full-iso to | sed 's/^total.*//'
tar --extract --file packed.tar.gz nothing-like-this
echo "status: $?"
