"""A conversion followed while it runs: which engine is at work, and what it has given so far.

Makes its own recording in the folder named by the first argument, or in the current one.
"""

import os
import sys

import vivavoce as vv
from vivavoce.routes.run import Event

os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
vv.save(vv.speak("The library opens at nine in the morning."), "talk.flac", overwrite=True)


def tell(event: Event) -> None:
    print(f"{event.kind:5} {event.hop.card.name} {event.seconds:.1f} s")


with vv.Converter() as converter:  # engines stay open until it is closed
    image = converter.run(["talk.flac"], vv.Job(to="image", notify=tell))
vv.save(image, "talk.png", overwrite=True)
