"""Two inputs to one result: a picture and a recording to a video; and a question about a picture, planned.

Makes its own inputs in the folder named by the first argument, or in the current one. The answering engine is a hub
model: until it is pulled, the plan says how large it is and which command fetches it.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.draw("Opening hours"), "photo.jpg", overwrite=True)
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

small = vv.Preferences(film=vv.FilmOptions(width=640, height=360))
video = vv.convert("photo.jpg", "talk.flac", to="video", preferences=small)
vv.save(video, "photo.mp4", overwrite=True)
print(f"video of {vv.open('photo.mp4').duration_s:.1f} s by {video.origin[-1].engine}")

route = vv.plan("talk.flac", "photo.jpg", to="text")
print(route)
for engine, lack in route.lacks.items():
    print(f"{engine} needs {lack.what}; run: {lack.command}")
