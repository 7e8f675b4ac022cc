"""A recording to text.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

text = vv.convert("talk.flac", to="text")
vv.save(text, "notes.txt", overwrite=True)
print(f"{text.language}: {text.text}")
print(f"by {text.origin[-1].engine}, {len(text.segments[0].words)} words with times")
