# Downloads a package, as root through a user of apt's own, unpacks it, and packs another.
# needs: apt-get dpkg-deb dpkg-query
apt-get -qq download hello > log 2>&1 || { echo "apt-get: $(tail -n 1 log)"; exit 77; }
sed "s,$PWD,,g" log && rm log
ls | sed 's/_.*//'
apt-get -qq --print-uris download hello | sed 's/.*MD5Sum/MD5Sum/; s/.* //'
dpkg-deb --info hello_*.deb | sed -n 's/^ Package/&/p'
dpkg-deb --extract hello_*.deb tree && find tree -printf '%P %y %m %s\n' | sort
mkdir tree/DEBIAN && dpkg-deb --control hello_*.deb tree/DEBIAN
SOURCE_DATE_EPOCH=1 dpkg-deb --build --root-owner-group tree rebuilt.deb
tree/usr/bin/hello
apt-cache policy hello | sed -n 1p
dpkg-query --show --showformat='${Package}\n' | head -n 20
dpkg --verify dpkg
echo "status: $?"
