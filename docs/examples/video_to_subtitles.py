"""A video to a subtitle file: the sound is taken out and transcribed.

A video that has a subtitle track gives that instead. Makes its own video, without one, in the folder named by the
first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
bare = vv.Preferences(film=vv.FilmOptions(width=320, height=180, fps=10, subtitles="none"))
lecture = vv.Text("The library opens at nine in the morning.", "en")
vv.save(vv.convert(lecture, to="video", preferences=bare), "lecture.mp4", overwrite=True)

subtitles = vv.transcribe("lecture.mp4")
vv.save(subtitles, "lecture.srt", overwrite=True)
print(Path("lecture.srt").read_text("utf-8"))
print("route:", " → ".join(step.engine for step in subtitles.origin))
