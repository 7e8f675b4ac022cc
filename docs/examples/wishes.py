"""What a route must keep to: seconds, memory, licences, engines, staying offline.

Plans mere modalities, so it needs no input at all.
"""

import vivavoce as vv


def show(label: str, wishes: vv.Wishes, language: str = "en") -> None:
    try:
        route = vv.plan(vv.Audio, to=vv.Text, language=language, wishes=wishes)
    except vv.VivavoceError as error:
        print(f"{label}: {error}")
    else:
        print(f"{label}: {route} ({route.seconds:.1f} s, {', '.join(route.licences)})")


show("anything", vv.Wishes())
show("whisper", vv.Wishes(via=("faster-whisper-small",)))
show("at most 10 s for a minute", vv.Wishes(max_latency_s=10, pull=True))
show("MIT licence only", vv.Wishes(licences=("MIT",)))
show("Chinese, offline", vv.Wishes(offline=True), language="zh")
show("Chinese, fetched if need be", vv.Wishes(pull=True, max_memory_gb=1), language="zh")
print("fast:", vv.plan(vv.Text, to=vv.Audio, goal="fast").hops[0].card.name)
