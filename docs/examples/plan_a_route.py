"""A route looked at before it is taken: engines, seconds, memory, quality, licences, and what is missing.

Plans mere modalities, so it needs no input at all.
"""

import vivavoce as vv

route = vv.plan(vv.Audio, to=vv.Image)
print(route)
for hop in route.hops:
    print(f"{hop.card.name}: {hop.seconds:.1f} s, {hop.card.cost.memory_gb} GB, {hop.card.licence}")
print(f"quality {route.quality:.2f}, licences {', '.join(route.licences)}")

chinese = vv.plan(vv.Audio, to=vv.Text, language="zh")
print(chinese)
for engine, lack in chinese.lacks.items():
    print(f"{engine} is missing; run: {lack.command}")
