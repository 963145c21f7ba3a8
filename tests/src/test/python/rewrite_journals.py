"""rewrite_journals.py DIRECTORY HOW COMMAND [ARG...]: rewrites the journals in DIRECTORY as another build would have written them, and
becomes COMMAND. The form of a journal is in JournalLayout.java.

same     leaves them as they are
older    version 0, with smaller slots, and changes in a form that nobody knows any more
newer    version 2, with everything elsewhere, and changes in a form that nobody knows yet
layout   our version, with everything elsewhere
garbage  nothing that is a journal
"""
import glob
import os
import struct
import sys

HEAD = "=q8i"
NOTIF_SIZE = 80
VERSION, HEAD_SIZE, SLOT, SLOTS, NOTIF, STATE, CHANGES, CHANGE = range(1, 9)
OTHERS = {"older": (0, 64, 128, 8, 0, 100, 8), "newer": (2, 192, 320, 100, 4, 200, 40), "layout": (1, 128, 256, 40, 32, 128, 48)}


def rewritten(old, how):
    fields = struct.unpack_from(HEAD, old)
    version, head, slot, notif, state, changes, change = OTHERS[how]
    new = bytearray(head + slot * fields[SLOTS])
    struct.pack_into(HEAD, new, 0, fields[0], version, head, slot, fields[SLOTS], notif, state, changes, change)
    for i in range(fields[SLOTS]):
        source, target = fields[HEAD_SIZE] + i * fields[SLOT], head + i * slot
        new[target + notif : target + notif + NOTIF_SIZE] = old[source + fields[NOTIF] :][:NOTIF_SIZE]
        new[target + state : target + state + 4] = old[source + fields[STATE] :][:4]
        for turn in range(2):
            at = target + changes + turn * change
            if how == "layout":
                new[at : at + fields[CHANGE]] = old[source + fields[CHANGES] + turn * fields[CHANGE] :][: fields[CHANGE]]
            else:
                new[at : at + change] = b"?" * change
    return bytes(new)


directory, how = sys.argv[1:3]
for path in glob.glob(directory + "/*.journal"):
    with open(path, "rb") as file:
        journal = file.read()
    if how != "same":
        with open(path, "wb") as file:
            file.write(b"?" * 100 if how == "garbage" else rewritten(journal, how))
    print("rewritten", file=sys.stderr, flush=True)
os.execvp(sys.argv[3], sys.argv[3:])
