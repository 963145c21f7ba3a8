# Python's own tests of what it does with files, the long ones too.
exec sh "$(dirname "$0")/../python-tests.sh" test_os test_posix test_shutil test_pathlib test_glob test_tempfile test_fileio test_stat
