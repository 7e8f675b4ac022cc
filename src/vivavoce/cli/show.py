"""How routes and their progress look in a terminal."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import click

from vivavoce.cli.language import say
from vivavoce.engines.contract import Ability
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Value
from vivavoce.media.text import Text
from vivavoce.routes.route import Route
from vivavoce.routes.run import Event

MAX_LINE = 48
DOUBT = "low confidence ({share:.0%}): another language, or a noisy recording? name the language with --language"
DOUBTFUL = 0.37  # pocketsphinx hears Mandarin with less in nine recordings of ten, English in two of ten
HEADINGS = ("step", "engine", "result", "seconds", "memory", "quality", "licence")


def route_record(route: Route) -> dict[str, Any]:
    """Return a route as it is printed for machines."""
    return {
        "sources": [str(state) for state in route.sources],
        "goal": str(route.goal),
        "seconds": round(route.seconds, 3),
        "memory_gb": round(route.memory_gb, 3),
        "quality": round(route.quality, 3),
        "licences": list(route.licences),
        "ready": not route.lacks,
        "hops": [
            {
                "engine": hop.card.name,
                "ability": hop.card.ability.value,
                "inputs": list(hop.inputs),
                "output": str(hop.output),
                "seconds": round(hop.seconds, 3),
                "memory_gb": hop.card.cost.memory_gb,
                "quality": hop.card.cost.quality,
                "licence": hop.card.licence,
                "tier": hop.card.tier,
                "missing": _missing(hop.card.name, route),
            }
            for hop in route.hops
        ],
    }


def _missing(engine: str, route: Route) -> dict[str, Any] | None:
    lack = route.lacks.get(engine)
    if lack is None:
        return None
    card = next(hop.card for hop in route.hops if hop.card.name == engine)
    size = {"size_mb": card.weights.size_mb, "licence": card.weights.licence} if card.weights else {}
    return {"kind": lack.kind, "what": lack.what, "command": lack.command, **size}


def columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table under headings in the user's language; the first column is never broken."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, heading in enumerate(headings):
        table.add_column(say(heading), overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def print_route(route: Route, err: bool = False) -> None:
    """Print a route as a table, and what must be installed for it; on standard error where results go to the other."""
    from rich.console import Console
    from rich.table import Table

    width = None if (sys.stderr if err else sys.stdout).isatty() else 200
    console = Console(stderr=err, highlight=False, markup=False, width=width)
    console.print(str(route), style="bold", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in HEADINGS:
        table.add_column(say(heading), overflow="fold", no_wrap=heading == "engine")
    for number, hop in enumerate(route.hops, 1):
        cost = hop.card.cost
        row = (hop.card.name, str(hop.output), f"{hop.seconds:.2f}", f"{cost.memory_gb:.2f} GB", f"{cost.quality:.2f}")
        table.add_row(str(number), *row, hop.card.licences)
    if route.hops:
        console.print(table)
    for engine, lack in route.lacks.items():
        console.print(_need(engine, lack.command, route), style="yellow", soft_wrap=True)


def _need(engine: str, command: str, route: Route) -> str:
    missing = _missing(engine, route) or {}
    if "size_mb" in missing:
        return say(
            "needs {engine}: {size} MB, licence {licence}; run: {command}",
            engine=engine,
            size=missing["size_mb"],
            licence=missing["licence"],
            command=command,
        )
    return say("needs {engine}; run: {command}", engine=engine, command=command)


class Costs:
    """What each step of a run did cost, and the failures that were gone around; news is passed on."""

    def __init__(self, pass_on: Callable[[Event], None]) -> None:
        self._pass_on = pass_on
        self._lines: list[str] = []
        self.confidence: float | None = None  # of what was heard

    def notify(self, event: Event) -> None:
        """Take note of an event."""
        name = event.hop.card.name
        if event.kind == "fail":
            self._lines.append(say("{engine} failed: {reason}", engine=name, reason=event.reason))
        elif event.kind == "end" and event.value is not None:
            confidence = event.value.origin[-1].confidence
            if event.hop.card.ability is Ability.TRANSCRIBE:
                self.confidence = confidence
            self._lines.append(f"{name}: {event.seconds:.2f} s" + (f", {confidence:.0%}" if confidence else ""))
        self._pass_on(event)

    def show(self, written_s: float) -> None:
        """Print what was noted on standard error, and how long writing took: a video is drawn only then."""
        for line in [*self._lines, say("written in {seconds:.2f} s", seconds=written_s)]:
            click.echo(line, err=True)


def warn_of_doubt(confidence: float | None) -> None:
    """Say so when a recogniser was not sure of what it heard."""
    if confidence is not None and confidence < DOUBTFUL:
        doubt = (
            "low confidence ({share:.0%}): another language, or a noisy recording? name the language with --language"
        )
        click.echo(say(doubt, share=confidence), err=True)


class Progress:
    """A bar on the terminal for each engine at work, and what it has found so far; silent in a pipe."""

    def __init__(self) -> None:
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bars

            columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
            found = TextColumn("{task.fields[found]}", markup=False, style="dim")
            self._bars = Bars(*columns, found, console=Console(stderr=True, highlight=False), transient=True)
            self._bars.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bars is not None:
            self._bars.__exit__(*exc)

    def notify(self, event: Event) -> None:
        """Show an event of a run."""
        if self._bars is None:
            return
        name = event.hop.card.name
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=None, found="")
        if event.kind == "fail":
            self._bars.remove_task(self._tasks.pop(name))
            failed = say("{engine} failed: {reason}", engine=name, reason=event.reason)
            self._bars.console.print(failed, style="yellow", markup=False)
        elif event.kind == "end":
            self._bars.update(self._tasks[name], total=1.0, completed=1.0)
        elif event.kind == "part" and event.value is not None:
            total = 1.0 if event.share is not None else None
            self._bars.update(self._tasks[name], total=total, completed=event.share or 0, found=_detail(event.value))


def _detail(value: Value) -> str:
    match value:
        case Text():
            end = f"{value.segments[-1].end_s:.0f} s: " if value.segments else ""
            return (end + " ".join(value.text.split()))[:MAX_LINE]
        case Audio():
            return f"{value.duration_s:.1f} s"
        case _:
            return ""
