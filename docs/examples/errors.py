"""Errors: every one is a VivavoceError, in English or Chinese, and says what to do.

Makes its own empty file in the folder named by the first argument, or in the current one.
"""

import os
import sys
from pathlib import Path

import vivavoce as vv
from vivavoce.errors import InputError, NoRoute, NotReady

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
Path("empty.wav").touch()

try:
    vv.open("empty.wav")
except InputError as error:
    print("input:", error)
    print("输入：", error.localized("zh"))

try:
    vv.plan(vv.Audio, to=vv.Text, wishes=vv.Wishes(licences=("CC0-1.0",)))
except NoRoute as error:
    print("route:", error)

try:
    vv.answer(vv.draw("Opening hours"), "What is on the picture?")
except NotReady as error:
    print("not ready:", error)
