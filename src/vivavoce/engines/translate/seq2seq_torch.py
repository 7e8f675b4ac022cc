"""NLLB-200, M2M100 and Marian (OPUS-MT) by transformers: for devices that CTranslate2 doesn't know, such as mps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from vivavoce.engines.abilities import Translate
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Card, require
from vivavoce.engines.torch_models import in_batches, loaded
from vivavoce.engines.translate.translator import card_of, translator
from vivavoce.engines.translate.vocabulary import Vocabulary

BATCH = 16  # sentences of like length
SLOWER_ON_CPU = 3


@dataclass(frozen=True, kw_only=True)
class TransformersTranslator:
    """Which weights, how many beams, and the most tokens of a translated sentence."""

    model: Checkpoint
    beam_width: int = 4
    max_tokens: int = 256

    @property
    def card(self) -> Card:
        """Describe it: slower on a CPU than CTranslate2, by `benchmarks/translate.py`."""
        card = card_of(self.model, edge="transformers")
        return replace(card, cost=replace(card.cost, per_unit_s=card.cost.per_unit_s * SLOWER_ON_CPU))

    @contextmanager
    def open(self, device: str) -> Iterator[Translate]:
        """Yield the translator; raise NotReady without the library or the weights."""
        folder = self.model.path()
        transformers = require("transformers", "hub")
        vocabulary = Vocabulary.load(folder)
        with loaded(transformers.AutoModelForSeq2SeqLM, folder, device) as model:

            def run(numbers: Sequence[list[int]], opening: str | None) -> list[list[int]]:
                order = sorted(range(len(numbers)), key=lambda at: len(numbers[at]))
                sorted_numbers = [numbers[at] for at in order]
                made = in_batches(
                    lambda part: self._batch(model, vocabulary, part, opening), sorted_numbers, BATCH, device
                )
                return [sentence for _, sentence in sorted(zip(order, made, strict=True))]

            yield translator(self.model, vocabulary, run)

    def _batch(
        self,
        model: Any,  # noqa: ANN401 - a model of transformers
        vocabulary: Vocabulary,
        numbers: Sequence[list[int]],
        opening: str | None,
    ) -> list[list[int]]:
        torch = require("torch", "hub")
        longest = max(map(len, numbers))
        pad = int(vocabulary.tokenizer.pad_token_id)
        ids = [[*sentence, *[pad] * (longest - len(sentence))] for sentence in numbers]  # [B, T]
        mask = [[1] * len(sentence) + [0] * (longest - len(sentence)) for sentence in numbers]  # [B, T]
        forced = {"forced_bos_token_id": vocabulary.number(opening)} if opening else {}
        with torch.inference_mode():
            made = model.generate(
                input_ids=torch.tensor(ids, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                num_beams=self.beam_width,
                do_sample=False,
                max_new_tokens=min(self.max_tokens, vocabulary.longest - 1),
                **forced,
            )
        return [[int(number) for number in row] for row in made]
