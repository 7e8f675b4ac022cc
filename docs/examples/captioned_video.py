"""A recording to a video with captions, and the subtitles read back out of it.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

looks = vv.Preferences(film=vv.FilmOptions(width=640, height=360, theme="light", subtitles="both"))
video = vv.convert("talk.flac", to="video", preferences=looks)
vv.save(video, "talk.mp4", overwrite=True)

written = vv.open("talk.mp4")
print(f"{written.width}x{written.height}, {written.duration_s:.1f} s, sound: {written.audible}")
print("subtitles:", written.subtitles.text)
