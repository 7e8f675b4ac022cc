"""Where a result came from: each value carries the engines that made it, and its file keeps them.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

vv.save(vv.convert("talk.flac", to="image"), "talk.png", overwrite=True)
for step in vv.open("talk.png").origin:
    sure = "" if step.confidence is None else f", confidence {step.confidence:.2f}"
    print(f"{step.engine}: {step.seconds:.2f} s{sure}, input {step.inputs[0][:8] if step.inputs else 'none'}")

vv.save(vv.convert("talk.flac", to="text"), "talk.txt", overwrite=True, sidecar=True)
print("beside the text:", Path("talk.txt.origin.json").read_text("utf-8")[:60])
