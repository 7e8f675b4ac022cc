"""When each word of a known text is said: more exact than recognising it. English only.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
text = "The library opens at nine in the morning."
vv.save(vv.speak(text), "talk.flac", overwrite=True)

aligned = vv.align("talk.flac", text)
for word in aligned.segments[0].words:
    print(f"{word.start_s:5.2f} {word.end_s:5.2f}  {word.text}")
vv.save(aligned, "talk.srt", overwrite=True)
