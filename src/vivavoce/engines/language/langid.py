"""py3langid: which of 97 languages a text is in, from its letters."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.engines.abilities import IdentifyLanguage
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MAX_CHARACTERS = 5_000  # enough to be sure, and fast
ISO_CODE = {"yue": "zh", "wuu": "zh", "cmn": "zh"}  # one written Chinese


@dataclass(frozen=True, kw_only=True)
class LangId:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="langid",
        ability=Ability.IDENTIFY_LANGUAGE,
        takes=(port(Modality.TEXT),),
        gives=None,
        summary="tells 97 written languages apart",
        licence="BSD-3-Clause",
        cost=Cost(fixed_s=0.1, per_unit_s=0.000002, memory_gb=0.06, quality=0.95),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[IdentifyLanguage]:
        """Yield the identifier; it runs on the CPU whatever `device` says."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from py3langid.langid import MODEL_FILE, LanguageIdentifier

            model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

        def identify_language(text: Text) -> tuple[str, float]:
            code, probability = model.classify(text.text[:MAX_CHARACTERS])
            return ISO_CODE.get(code, str(code)), float(probability)

        yield identify_language
