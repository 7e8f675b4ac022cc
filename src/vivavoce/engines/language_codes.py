"""Language codes: the usual spelling of each, and the codes of FLORES-200 and of Marian models."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Codes:
    """The tables of `language_codes.toml`: ISO 639-1 to FLORES-200, other spellings to it, tokens of Marian models."""

    flores: Mapping[str, str]
    same: Mapping[str, str]
    marian: Mapping[str, list[str]]


@cache
def codes() -> Codes:
    """Return the tables."""
    return Codes(**tomllib.loads((files("vivavoce.engines") / "language_codes.toml").read_text("utf-8")))


def usual(language: str) -> str:
    """Return the usual spelling of a code: "zh-CN" is "zh", "zh_TW" is "zh-hant", "pt-BR" is "pt".

    FLORES-200 codes such as "yue_Hant" come back as ISO 639-1 where there is one, else as they are.
    """
    by_flores = {flores.lower(): iso for iso, flores in codes().flores.items()}
    lower = language.strip().lower()
    if lower in by_flores:
        return by_flores[lower]
    dashed = lower.replace("_", "-")
    if dashed in codes().same or dashed in codes().flores:
        return codes().same.get(dashed, dashed)
    whole = len(lower.partition("_")[2]) == 4  # a script: a FLORES-200 code that has no ISO 639-1 code
    return language.strip() if whole else codes().same.get(dashed.split("-")[0], dashed.split("-")[0])
