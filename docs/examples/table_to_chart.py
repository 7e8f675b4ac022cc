"""A table to a chart and to spoken sentences.

Makes its own table in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
Path("prices.csv").write_text("city,price\nOslo,12.5\nLima,8\nQuito,9.25\n", "utf-8")

chart = vv.convert("prices.csv", to="image")
vv.save(chart, "prices.png", overwrite=True)
print(f"chart of {chart.width}x{chart.height} pixels by {chart.origin[-1].engine}")

speech = vv.convert("prices.csv", to="speech")
vv.save(speech, "prices.mp3", overwrite=True)
print("spoken:", speech.transcript.text)
