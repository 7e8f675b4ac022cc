"""An engine of another package, found by its entry point and used like any other.

`pip install` of such a package writes the two files of metadata below; here they are written by hand, into the folder
named by the first argument or the current one, so that nothing is installed. Makes its own text.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
package = Path("morse_voice-1.0.dist-info")
package.mkdir(exist_ok=True)
(package / "METADATA").write_text("Metadata-Version: 2.1\nName: morse-voice\nVersion: 1.0\n")
(package / "entry_points.txt").write_text("[vivavoce.engines]\nmorse = morse_engine:engines\n")
sys.path.append(str(Path.cwd()))

speech = vv.convert(vv.Text("SOS", "en"), to="speech", wishes=vv.Wishes(via=("morse",)))
vv.save(speech, "sos.wav", overwrite=True)
print(f"{speech.origin[-1].engine}: {speech.duration_s:.2f} s")
print("without a wish:", vv.plan(vv.Text("SOS", "en"), to="speech").hops[0].card.name)
