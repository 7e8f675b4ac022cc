"""Speech that can be played while the rest is still being made: it comes sentence by sentence.

Makes its own text.
"""

import time

import vivavoce as vv

TEXT = "The library opens at nine in the morning. Books may be kept for three weeks. The reading room is quiet."

began_s = time.perf_counter()
parts = []
for part in vv.stream_speech(TEXT, language="en"):
    after_ms = (time.perf_counter() - began_s) * 1000
    print(f"after {after_ms:.0f} ms: {part.duration_s:.1f} s of “{part.transcript.text}”")
    parts.append(part)
whole = vv.Audio.join(parts)
print(f"{len(parts)} parts, {whole.duration_s:.1f} s together")
