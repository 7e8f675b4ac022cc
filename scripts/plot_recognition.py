"""Draw docs/results/recognition.png from the table on the page beside it."""

import re
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FOLDER = Path(__file__).parents[1] / "docs" / "results"
ROW = re.compile(r"^\| (?P<setting>.+?) \| (?P<dev>\S*) \| (?P<test>\S*) ?\| (?P<kept>.*)\|$")


def rows() -> list[tuple[str, float, float | None, bool]]:
    """Return setting, WER on dev, WER on test if it was read, and whether the setting was kept."""
    found = []
    for line in (FOLDER / "recognition.md").read_text("utf-8").splitlines():
        row = ROW.match(line)
        if row and re.fullmatch(r"\.\d+", row["dev"]):
            setting = re.sub(r"\[card\]\(\S+\)|[*()]|…", "", row["setting"]).strip()
            test = row["test"].strip("*")
            found.append((setting, float(row["dev"]), float(test) if test else None, "yes" in row["kept"]))
    return found


def main() -> None:
    """Draw a bar for each setting."""
    table = rows()[::-1]
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(table))
    axes.barh(places, [dev for _, dev, _, _ in table], color=["#0b6e6e" if kept else "#b8c4c4" for *_, kept in table])
    tested = [(place, test) for place, (_, _, test, _) in enumerate(table) if test is not None]
    axes.plot([test for _, test in tested], [place for place, _ in tested], "D", color="#d1495b", label="test-other")
    axes.set_yticks(places, [setting for setting, *_ in table])
    axes.set_xlabel("word error rate (bars: dev, dark: kept)")
    axes.legend(loc="lower right")
    figure.savefig(FOLDER / "recognition.png", dpi=110)


if __name__ == "__main__":
    main()
