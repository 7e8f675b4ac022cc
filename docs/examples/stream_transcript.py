"""A long recording transcribed while it is still being listened to: each segment comes as soon as it is found.

Makes its own recording, two sentences with a pause between them, in the folder named by the first argument, or in the
current one.
"""

import os
import sys

import numpy as np

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
sentences = [vv.speak(text) for text in ("The library opens at nine in the morning.", "Books may be kept for a week.")]
pause = vv.Audio(np.zeros(3 * sentences[0].rate_hz, np.float32), sentences[0].rate_hz)
vv.save(vv.Audio.join([sentences[0], pause, sentences[1]]), "talk.flac", overwrite=True)

for number, part in enumerate(vv.stream_transcript("talk.flac"), 1):
    segment = part.segments[0]
    print(f"part {number}: {segment.start_s:.1f}–{segment.end_s:.1f} s  {segment.text}")
