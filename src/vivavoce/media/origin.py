"""Where a value came from: one step for each engine that worked on it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import numpy as np

MAX_JSON_CHARACTERS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """One engine's part in making a value.

    `confidence` lies in 0..1, or is None where the engine gives none. `inputs` are SHA-256 digests. `failure` holds the
    message of an engine that was tried here and failed before another took its place.
    """

    engine: str
    model: str = ""
    revision: str = ""
    seconds: float = 0.0
    confidence: float | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    failure: str = ""


Origin = tuple[Step, ...]


def merge(origins: Iterable[Origin]) -> Origin:
    """Join the trails of several inputs, each step once, in order."""
    seen: dict[int, Step] = {}
    for origin in origins:
        for step in origin:
            seen.setdefault(id(step), step)
    return tuple(seen.values())


def digest(*parts: str | bytes | np.ndarray) -> str:
    """SHA-256 over text, bytes and arrays; an array's shape and dtype count, so equal bytes in a new shape differ."""
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            sha.update(f"{part.shape}{part.dtype}".encode())
            sha.update(np.ascontiguousarray(part).data)
        else:
            sha.update(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part)
    return sha.hexdigest()


def to_json(origin: Origin) -> str:
    """Render a trail as one line of JSON in ASCII, which the metadata of every format can hold."""
    steps = [_without_blanks(asdict(step)) for step in origin]
    return json.dumps({"generator": "vivavoce", "steps": steps})


def _without_blanks(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if key == "engine" or value not in ("", None, {}, ())}


def from_json(line: str) -> Origin:
    """Read what `to_json` wrote; anything else gives an empty trail, since metadata is anybody's to write."""
    if len(line) > MAX_JSON_CHARACTERS:
        return ()
    try:
        record = json.loads(line)
        if record["generator"] != "vivavoce":
            return ()
        return tuple(_step(**step) for step in record["steps"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()


def _step(
    *,
    seconds: float = 0.0,
    confidence: float | None = None,
    parameters: dict[str, str] | None = None,
    inputs: Iterable[str] = (),
    **words: str,
) -> Step:
    """Build a step from fields of any type; raise TypeError or ValueError for names and values that don't belong."""
    return Step(
        seconds=float(seconds),
        confidence=None if confidence is None else float(confidence),
        parameters={str(key): str(value) for key, value in (parameters or {}).items()},
        inputs=tuple(map(str, inputs)),
        **{key: str(value) for key, value in words.items()},
    )
