"""What engines cost on this very machine: measured once by `viva bench engines`, used by every plan after."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from vivavoce.engines.contract import Card
from vivavoce.engines.home import user_folder
from vivavoce.media.atomic import replacing


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Seconds to begin, seconds for each unit of input, and memory in GB, as seen here."""

    fixed_s: float
    per_unit_s: float
    memory_gb: float


def costs_file() -> Path:
    """Return where measured costs are kept: `$VIVAVOCE_HOME/costs.json`, by default in the user's data folder."""
    return user_folder() / "costs.json"


def load_costs(file: Path) -> dict[str, Measured]:
    """Read measured costs by engine; a missing or damaged file counts as nothing measured."""
    try:
        record = json.loads(file.read_text("utf-8"))
        return {name: Measured(**{key: float(value) for key, value in cost.items()}) for name, cost in record.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def save_costs(measured: Mapping[str, Measured], file: Path) -> None:
    """Write measured costs, beside those of engines not measured now."""
    file.parent.mkdir(parents=True, exist_ok=True)
    merged = {**load_costs(file), **measured}
    with replacing(file, overwrite=True) as temporary:
        temporary.write_text(json.dumps({name: asdict(cost) for name, cost in merged.items()}, indent=2), "utf-8")


def with_costs(cards: Iterable[Card], measured: Mapping[str, Measured]) -> list[Card]:
    """Return the cards with what was measured in the place of what they claim; quality stays as claimed."""
    return [
        replace(card, cost=replace(card.cost, **asdict(measured[card.name]))) if card.name in measured else card
        for card in cards
    ]
