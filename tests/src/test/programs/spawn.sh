# Starts programs in the ways that languages have, and gives them descriptors, groups and sessions.
# needs: python3 perl
export PYTHONDONTWRITEBYTECODE=1
python3 -c '
import os, signal, subprocess, sys

def show(what, done):
    print(what, done.returncode, done.stdout, done.stderr, flush=True)

def run(*words, **how):
    return subprocess.run(words, capture_output=True, **how)

show("plain", run("echo", "plain"))
show("no close_fds", run("echo", "open", close_fds=False))
show("session", run("sh", "-c", "kill -9 $$", start_new_session=True))
show("preexec", run("pwd", preexec_fn=lambda: os.chdir("/")))
show("directory", run("pwd", cwd="/usr"))
show("environment", run("env", env={"A": "b"}))
read, write = os.pipe()
show("pass_fds", run("sh", "-c", "echo through >&%d" % write, pass_fds=[write]))
print(os.read(read, 100))
for words in ["no-such-program"], ["/"], ["/etc/passwd"]:
    try:
        subprocess.run(words)
    except OSError as e:
        print(e)
for n in range(30):
    assert run("true").returncode == 0
for path, words in ("/bin/sh", ["sh", "-c", "exit 3"]), ("/nowhere", ["nowhere"]):
    try:
        print(os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn(path, words, os.environ), 0)[1]))
    except OSError as e:
        print(e)
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
    print(cat.communicate(b"to and fro")[0])
many = [subprocess.Popen(["sh", "-c", "exit %d" % n]) for n in range(20)]
print([each.wait() for each in many])
slow = subprocess.Popen(["sleep", "1000"])
slow.send_signal(signal.SIGTERM)
print(slow.wait(), flush=True)
os.execvp("sh", ["sh", "-c", "echo in its place; exit 6"])
'
echo "status: $?"
perl -e 'print `echo from perl`; system("exit 3"); print $? >> 8, "\n"; open(my $f, "-|", "seq", 3); print <$f>; exec "echo", "the end"'
env -i sh -c 'exec env' | sort
echo one two three | xargs -n 1 -P 1 echo each
find /usr/bin -name 'tr*e' -exec test -x {} \; -print | sort
nohup sh -c 'echo not hung up' 2>/dev/null
timeout 0.1 sleep 100; echo "status: $?"
nice -n 5 sh -c nice
setsid --wait sh -c 'echo in a session; exit 4'; echo "status: $?"
