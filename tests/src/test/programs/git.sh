# Clones a repository: packs, hard links, lock files, renames.
# needs: git
export HOME="$PWD" GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='2000-01-01T00:00:00Z'
export GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@example.org GIT_COMMITTER_DATE='2000-01-02T00:00:00Z'
git init -q -b main origin && cd origin || exit
for n in 1 2 3 4 5; do
	mkdir -p "directory $n"
	seq "$n"000 > "directory $n/file"
	git add . && git commit -q -m "number $n"
done
ln -s 'directory 1/file' link && git add link && git commit -q -m 'a link'
git gc -q && cd ..
git clone -q origin clone && cd clone || exit
git fsck --full --strict
git log --stat --format='%H %s'
git checkout -q -b other HEAD~2 && git merge -q --ff-only main && git status --short --branch
# it has inode numbers and times
rm .git/index ../origin/.git/index
