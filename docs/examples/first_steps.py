"""The first steps: a recording to text, a text to speech, and a route looked at before it is taken.

Makes its own input in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

print(vv.convert("talk.flac", to="text").text)
vv.save(vv.convert(vv.Text("Good morning."), to="speech"), "hello.mp3", overwrite=True)
vv.save(vv.convert("talk.flac", to="video"), "talk.mp4", overwrite=True)
print(vv.plan("talk.flac", to="image"))
