"""A transcript with the time of each word, written as subtitles and as JSON.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)

transcript = vv.transcribe("talk.flac")
for segment in transcript.segments:
    for word in segment.words:
        print(f"{word.start_s:6.2f} {word.end_s:6.2f}  {word.text}")
for ending in ("srt", "vtt", "tsv", "json"):
    vv.save(transcript, f"talk.{ending}", overwrite=True)
print(Path("talk.vtt").read_text("utf-8"))
