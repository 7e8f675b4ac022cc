"""Languages, voices, rate and pitch.

Makes its own texts; the sounds go into the folder named by the first argument, or into the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")

for code, text in {"en": "Good morning", "zh": "早上好", "fr": "Bonjour", "de": "Guten Morgen"}.items():
    speech = vv.speak(text, language=code)
    vv.save(speech, f"morning-{code}.wav", overwrite=True)
    print(f"{code}: {speech.duration_s:.2f} s of “{speech.transcript.text}”")

calm = vv.speak("Please mind the gap.", voice=vv.Voice(name="en-us", rate=0.8, pitch=40))
quick = vv.speak("Please mind the gap.", voice=vv.Voice(name="en-us", rate=1.6, pitch=60))
print(f"calm {calm.duration_s:.2f} s, quick {quick.duration_s:.2f} s")
