"""Errors: every one is a VivavoceError, in English or Chinese, and says what to do. Makes its own damaged inputs."""

import vivavoce as vv
from vivavoce.errors import InputError, NoRoute, NotReady

try:
    vv.open(b"")
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
