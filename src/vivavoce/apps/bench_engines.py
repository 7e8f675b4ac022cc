"""What engines cost on this machine: each is opened and run on a sample twice, and timed."""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vivavoce.apps.converter import Converter, Job
from vivavoce.apps.inputs import start_of
from vivavoce.engines.catalog import lack_of
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.engines.options import Preferences
from vivavoce.errors import VivavoceError
from vivavoce.media.gateway import Value, open_value, save
from vivavoce.media.mesh import Mesh
from vivavoce.media.modality import Modality
from vivavoce.media.table import Table
from vivavoce.media.text import Text
from vivavoce.media.video import Video
from vivavoce.routes.costs import Measured
from vivavoce.routes.steps import Call, perform

SENTENCES = Text(
    "The library opens at nine in the morning and closes at six in the evening. Books may be kept for three weeks. "
    "The reading room on the second floor is quiet, and has a view of the river.",
    "en",
)
HOURS = Table(("place", "opens"), (("library", "at nine"), ("museum", "at ten"), ("market", "at six")), "hours")
PRICES = Table(("city", "price"), (("Oslo", 12.5), ("Lima", 8.0), ("Quito", 9.25), ("Turin", 11.0)), "prices")
SOLID = Mesh(
    np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32),
    np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32),
)
LONG = (Modality.SPEECH, Modality.VIDEO)


def bench_engines(converter: Converter, names: Sequence[str] = ()) -> Iterator[tuple[str, Measured | str]]:
    """Yield (engine, what it costs, or why it could not be measured) for each engine that is ready.

    The samples are synthetic: they time engines and say nothing of their accuracy.
    """
    with tempfile.TemporaryDirectory() as folder:
        samples = _samples(converter, Path(folder))
        for name, engine in converter.engines.engines.items():
            if (names and name not in names) or lack_of(engine.card) is not None:
                continue
            inputs = [samples[pattern.modality] for pattern in engine.card.takes]
            try:
                yield name, _measure(engine, inputs, converter, Path(folder))
            except VivavoceError as error:
                yield name, str(error)


def _samples(converter: Converter, folder: Path) -> dict[Modality, Value]:
    """Make one sample of each modality, with all traits."""
    speech = converter.run([SENTENCES], Job(to=Modality.SPEECH))
    film = save(converter.run([SENTENCES], Job(to=Modality.VIDEO)), folder / "sample.mp4")
    return {
        Modality.TEXT: converter.run([speech], Job(to=port(Modality.TEXT, Trait.TIMED))),
        Modality.SPEECH: speech,
        Modality.TABLE: PRICES,
        Modality.IMAGE: converter.run([HOURS], Job(to=Modality.IMAGE)),  # a table without numbers is drawn as one
        Modality.VIDEO: open_value(film),
        Modality.MESH: SOLID,
    }


def _measure(engine: AnyEngine, inputs: Sequence[Value], converter: Converter, folder: Path) -> Measured:
    main = next((value for value in inputs if value.modality in LONG), inputs[0])
    amount = start_of(main, converter.limits, None, converter.identify).amount
    before_gb, began_s = _resident_gb(), time.perf_counter()
    with engine.open(converter.pool.device) as ability:
        opened_s = time.perf_counter()
        _work(engine.card, ability, inputs, folder)
        first_s = time.perf_counter()
        _work(engine.card, ability, inputs, folder)
        second_s = time.perf_counter()
        after_gb = _resident_gb()
    again_s = second_s - first_s
    # Libraries may have been in memory before, so an engine takes no less than its card says.
    return Measured(
        fixed_s=round(max(0.0, opened_s - began_s + (first_s - opened_s) - again_s), 4),
        per_unit_s=round(again_s / max(amount, 1e-9), 7),
        memory_gb=round(max(engine.card.cost.memory_gb, after_gb - before_gb), 3),
    )


def _work(card: Card, ability: Any, inputs: Sequence[Value], folder: Path) -> None:  # noqa: ANN401 - any ability
    """Run the engine once to the end; a video is drawn only when it is saved."""
    match card.ability:
        case Ability.EMBED:
            ability(inputs[:1])
            return
        case Ability.CHAT:
            for _ in ability([Message("user", "Good morning.")], ChatOptions(max_tokens=20)):
                pass
            return
        case Ability.HEAR | Ability.CLASSIFY:
            ability(inputs[0], ["speech", "music"])
            return
        case Ability.DIARIZE:
            ability(inputs[0], None)
            return
    call = Call(Preferences(), "en")
    for part in perform(card, ability, inputs, call, lambda text: text.language):
        if isinstance(part, Video):
            save(part, folder / "drawn.mp4", overwrite=True)


def _resident_gb() -> float:
    """Return the memory of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9
