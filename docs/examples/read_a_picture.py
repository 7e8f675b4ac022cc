"""The text on a picture, in reading order, with the place of each line.

Makes its own picture in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.draw("Opening hours\n\nMonday 9 to 6\n\nSunday closed"), "sign.png", overwrite=True)

found = vv.read("sign.png")
print(found.text)
for region in found.regions:
    left, top, right, bottom = region.box
    print(f"({left:.0f}, {top:.0f})–({right:.0f}, {bottom:.0f}) {region.confidence:.2f} {region.text}")
