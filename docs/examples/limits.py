"""Limits for inputs from strangers: they hold while a file is decoded, so a small one can't fill the memory.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

try:
    vv.open("talk.flac", limits=vv.Limits(max_duration_s=1))
except vv.VivavoceError as error:
    print("refused:", error)

with vv.Converter(limits=vv.Limits(max_duration_s=60)) as converter:
    text = converter.run(["talk.flac"], vv.Job(to="text"))
print("accepted:", text.text)
