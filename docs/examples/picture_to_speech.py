"""A picture of text to speech: it is read, then spoken. A picture without text is described instead.

Makes its own picture in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.draw("The museum is open from nine to six."), "page.png", overwrite=True)

speech = vv.convert("page.png", to="speech")
vv.save(speech, "page.wav", overwrite=True)
print("says:", speech.transcript.text)
print("made by:", " → ".join(step.engine for step in speech.origin))
