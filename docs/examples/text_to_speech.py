"""A text to speech, in the format that the target's name asks for.

Makes its own text in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
Path("notes.txt").write_text("Books may be kept for three weeks. The reading room is quiet.", "utf-8")

speech = vv.convert("notes.txt", to="speech")
for name in ("notes.mp3", "notes.opus", "notes.wav"):
    file = vv.save(speech, name, overwrite=True)
    print(f"{file}: {vv.open(file).duration_s:.1f} s, {file.stat().st_size} bytes")
print(speech.transcript.segments[-1].text)
