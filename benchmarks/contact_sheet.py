"""How long the contact sheet of a two-hour video takes, and how much memory.

    python benchmarks/contact_sheet.py

Makes an h264 file of two hours in a temporary folder (1280 × 720, one frame a second, key frames 250 apart as
encoders set them by default), then opens it and lays out the sheet in a fresh process. Prints one JSON object;
`peak_mb` is that process's largest resident set, libraries included. Target: under 500 MB.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

HOURS, FPS, SIZE, SCENE_S = 2, 1, (720, 1280), 600


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        made_s = make(film)
        command = [sys.executable, __file__, str(film)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        size_mb = round(film.stat().st_size / 1e6, 1)
        print(json.dumps({**json.loads(done.stdout), "mp4_mb": size_mb, "made_in_s": round(made_s, 1)}))


def make(path: Path) -> float:
    """Write noise on a new colour every ten minutes."""
    import av

    start_s, rng = time.perf_counter(), np.random.default_rng(0)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "250"})
        stream.height, stream.width = SIZE
        stream.pix_fmt = "yuv420p"
        for second in range(HOURS * 3600 * FPS):
            if second % (SCENE_S * FPS) == 0:
                noise = rng.integers(0, 40, (*SIZE, 3)) + rng.integers(0, 215, 3)
                picture = av.VideoFrame.from_ndarray(noise.astype(np.uint8), format="rgb24").reformat(format="yuv420p")
            picture.pts, picture.time_base = second, Fraction(1, FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return time.perf_counter() - start_s


def measure(path: str) -> None:
    """Open the film and lay it out: what a user's process does."""
    from vivavoce.engines.options import DrawOptions
    from vivavoce.engines.watch.contact_sheet import FrameGrid
    from vivavoce.media.gateway import open_value
    from vivavoce.media.video import Video

    start_s = time.perf_counter()
    video = open_value(path)
    if not isinstance(video, Video):
        raise SystemExit(f"{path} is no video")
    with FrameGrid().open("cpu") as lay_out:
        sheet = lay_out(video, DrawOptions())
    seconds = round(time.perf_counter() - start_s, 2)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    film = {"film_s": round(video.duration_s), "film": f"{video.width}x{video.height} at {video.fps:g} fps"}
    print(json.dumps({**film, "seconds": seconds, "peak_mb": peak_mb, "sheet": f"{sheet.width}x{sheet.height}"}))


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
