"""Where somebody speaks in a recording.

Makes its own recording, speech between two silences, in the folder named by the first argument, or in the current one.
"""

import os
import sys

import numpy as np

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
speech = vv.speak("The library opens at nine in the morning.")
silence = vv.Audio(np.zeros(2 * speech.rate_hz, np.float32), speech.rate_hz)
vv.save(vv.Audio.join([silence, speech, silence]), "quiet.flac", overwrite=True)

for span in vv.detect_speech("quiet.flac"):
    print(f"speech from {span.start_s:.1f} to {span.end_s:.1f} s")
