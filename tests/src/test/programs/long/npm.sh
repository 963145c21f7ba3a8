# Installs a package and what it depends on, with a cache of its own, from the registry and again from the cache.
# needs: npm node
export HOME="$PWD"
[ -e ~root/.npmrc ] && export npm_config_userconfig=/dev/null
npm ping > log 2>&1 || { echo "npm: $(tail -n 1 log)"; exit 77; }
echo '{ "name": "a-project", "version": "1.0.0", "private": true, "files": [] }' > package.json
options='--cache cache --no-audit --no-fund --no-update-notifier --loglevel=error'
npm install $options --save-exact is-odd@3.0.1 ms@2.1.3 | sed 's/ in [0-9.]*m\?s$//'
node -e 'console.log(require("is-odd")(3), require("ms")("2 days"))'
npm ls $options --all
rm -r node_modules && npm ci $options --offline | sed 's/ in [0-9.]*m\?s$//'
npm pack $options --silent && tar tzf a-project-1.0.0.tgz
npm run $options nothing 2>&1 | grep -v 'complete log'
echo "status: $?"
find . -path ./cache -prune -o -path ./.npm -prune -o -type f -print | sort
# times
rm -rf cache .npm log a-project-1.0.0.tgz
