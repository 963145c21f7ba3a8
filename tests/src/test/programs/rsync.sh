# Copies a tree, and only what has changed since; links, modes and times stay what they were.
# needs: rsync
umask 022
mkdir -p from/empty 'from/with space/deep' && cd from || exit
seq 1 30000 > 'with space/large' && echo small > small && : > none
ln small hard && ln -s small soft && ln -s /no/such/place dangling && mkfifo fifo
chmod 4711 small && chmod 0400 none && chmod 1777 empty && echo x > "$(printf 'odd\nname')"
find . -exec touch -h -d '2001-02-03 04:05:06 UTC' {} +
cd ..
rsync --archive --hard-links --itemize-changes from/ to
rsync --archive --hard-links --itemize-changes from/ to && echo nothing to do
seq 1 29999 > 'from/with space/large' && rm from/soft && mv from/small from/renamed
rsync --archive --hard-links --delete --checksum --itemize-changes --no-times from/ to
touch -d '2002-03-04 05:06:07 UTC' 'from/with space/large' 'to/with space/large'
rsync --archive --link-dest="$PWD/to" from/ linked && [ linked/none -ef to/none ] && echo a hard link
mkdir read-only && chmod 500 read-only && rsync --recursive --inplace --partial from/empty read-only
echo "status: $?"
rsync no-such-file to 2>&1 | sed 's/\[.*//'
TZ=UTC ls -ln --time-style=full-iso to/none to/hard | cut -d' ' -f1-4
find from to linked -type f -printf "%p %y %m %n %s\n" | sort
