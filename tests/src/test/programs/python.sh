# needs: python3
export PYTHONDONTWRITEBYTECODE=1
python3 -c '
import json, os, subprocess, tempfile, threading

results = {}

def work(number):
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * number)
        file.seek(0)
        results[number] = len(file.read())

threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 40)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(results, sort_keys=True))
print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 4"], capture_output=True))
for path, flags in ("none", os.O_RDONLY), (".", os.O_WRONLY), ("made", os.O_CREAT | os.O_EXCL | os.O_RDWR):
    try:
        print(path, os.get_inheritable(os.open(path, flags, 0o640)))
    except OSError as e:
        print(e)
raise SystemExit(9)
'
