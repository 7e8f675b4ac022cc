"""Draw docs/results/hub.png from the figures in docs/results/hub.json: how many times faster than the best peer.

Run: python scripts/plot_hub.py
"""

import json
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "docs" / "results"


def main() -> None:
    """Draw a bar for each row, and a line where its target lies."""
    from matplotlib.figure import Figure

    rows = json.loads((RESULTS / "hub.json").read_text("utf-8"))["times_faster"]
    figure = Figure(figsize=(8, 0.42 * len(rows) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(rows), 0, -1)
    met = [row["ratio"] >= row["target"] for row in rows]
    axes.barh(places, [row["ratio"] for row in rows], color=["#3b7d74" if good else "#b5533c" for good in met])
    for place, row in zip(places, rows, strict=True):
        axes.plot([row["target"]] * 2, [place - 0.42, place + 0.42], color="black", linewidth=1.5)
        axes.text(max(row["ratio"], row["target"]), place, f" {row['ratio']:g} ×", va="center")
    axes.set_yticks(list(places), [row["what"] for row in rows])
    axes.set_xlabel("times faster than the best peer (black line: target)")
    axes.set_xlim(0, 1.15 * max(row["ratio"] for row in rows))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(RESULTS / "hub.png", dpi=110)


if __name__ == "__main__":
    main()
