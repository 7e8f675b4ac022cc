"""The languages of a translator: ISO 639-1 for callers, FLORES-200, M2M100 and OPUS tokens inside the models."""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.language_codes import codes, usual

SHOWN = 20  # languages that a message names before it ends with an ellipsis


def tokens_of(vocabulary: Collection[str]) -> dict[str, str]:
    """Return the language tokens of a vocabulary by code: "zho_Hans" of NLLB, "__zh__" of M2M100, ">>cmn_Hans<<".

    Empty for a model of one pair.
    """
    held = {code: token for code, token in codes().flores.items() if token in vocabulary}
    if len(held) > 1:
        rest = {t: t for t in vocabulary if len(t) == 8 and t[3] == "_" and t[:3].islower() and t[4:].istitle()}
        return {**{t: t for t in rest if t not in held.values()}, **held}
    named = {t[2:-2]: t for t in vocabulary if len(t) > 5 and t.startswith("__") and t.endswith("__")}
    if len(named) > 1:
        return named
    marked = {t[2:-2]: t for t in vocabulary if len(t) > 4 and t.startswith(">>") and t.endswith("<<")}
    for code, spellings in codes().marian.items():
        found = next((marked[spelling] for spelling in spellings if spelling in marked), None)
        if found:
            marked[code] = found
    three_letter = {iso: flores.split("_")[0] for iso, flores in codes().flores.items()}
    return {**{iso: marked[three] for iso, three in three_letter.items() if three in marked}, **marked}


def with_languages(model: Checkpoint) -> Checkpoint:
    """Return a checkpoint that says what it translates: in a folder Marian's pair, or all that NLLB and M2M know."""
    if not model.folder or model.into:
        return model
    path = Path(model.folder, "tokenizer_config.json")
    held = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    pair = [held.get("source_lang"), held.get("target_lang")]
    if Path(model.folder, "source.spm").is_file() and all(isinstance(code, str) for code in pair):
        source, target = (usual(str(code)) for code in pair)
        return replace(model, languages=(source,), into=(target,))
    every = tuple(codes().flores)
    return replace(model, languages=every, into=every)


def listed(known: Collection[str]) -> str:
    """Spell a list of codes for a message, the first of them only where it is long."""
    shown = sorted(known)[:SHOWN]
    return ", ".join(shown) + (" …" if len(known) > SHOWN else "")
