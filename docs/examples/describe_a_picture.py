"""What a picture shows, in English and Chinese. The embedded describer is basic and says so.

Makes its own picture in the folder named by the first argument, or in the current one.
"""

import os
import sys

import numpy as np

import vivavoce as vv

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
sky = np.tile(np.linspace(255, 90, 300)[:, None, None], (1, 450, 3)) * [0.4, 0.6, 1.0]
vv.save(vv.Image(sky.astype(np.uint8)), "sky.png", overwrite=True)

print(vv.describe("sky.png").text)
print(vv.describe("sky.png", language="zh").text)
