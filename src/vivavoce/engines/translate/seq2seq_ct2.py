"""NLLB-200, M2M100 and Marian (OPUS-MT) by CTranslate2 with 8-bit weights: the fast way on a CPU, and on CUDA.

Takes a transformers checkpoint, which is converted once, or a folder of CTranslate2 files with the tokenizer beside.
Papers: No Language Left Behind (2022), Beyond English-Centric Multilingual Machine Translation (2020), Marian (2018).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from vivavoce.engines.abilities import Translate
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import AnyEngine, Card, require
from vivavoce.engines.conversion import converted
from vivavoce.engines.torch_models import in_batches
from vivavoce.engines.translate.languages import with_languages
from vivavoce.engines.translate.translator import card_of, translator
from vivavoce.engines.translate.vocabulary import Vocabulary
from vivavoce.errors import EngineError

MODEL_TYPES = ("seq2seq-ct2",)  # folders of CTranslate2 files; checkpoints come by way of `seq2seq.py`
BATCH_TOKENS = 2048  # of sentences of like length, padding included
INT8 = {"cpu": "int8", "cuda": "int8_float16"}  # CTranslate2 knows no other devices


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a folder of CTranslate2 files can do."""
    return (CTranslate2Translator(model=with_languages(model)),)


@dataclass(frozen=True, kw_only=True)
class CTranslate2Translator:
    """Which weights, their number format ("int8", "float32", …), how many beams, and the most tokens of a sentence."""

    model: Checkpoint
    quantization: str = "int8"
    beam_width: int = 4
    max_tokens: int = 256

    @property
    def card(self) -> Card:
        """Describe it."""
        return card_of(self.model)

    @contextmanager
    def open(self, device: str) -> Iterator[Translate]:
        """Yield the translator; raise NotReady without the libraries or the weights."""
        folder = self.model.path()
        library = require("ctranslate2", "hub")
        device = device if device in INT8 else "cpu"
        vocabulary = Vocabulary.load(folder)
        number_format = INT8[device] if self.quantization == "int8" else self.quantization
        source = converted(folder, self.quantization)
        try:
            model = library.Translator(str(source), device=device, compute_type=number_format)
        except (RuntimeError, ValueError) as error:
            raise EngineError(
                "the folder {path} holds no CTranslate2 translator ({reason}); name one that does",
                path=source,
                reason=error,
            ) from error

        def run(numbers: Sequence[list[int]], opening: str | None) -> list[list[int]]:
            return in_batches(lambda part: self._batch(model, vocabulary, part, opening), numbers, len(numbers), device)

        try:
            yield translator(self.model, vocabulary, run)
        finally:
            model.unload_model()

    def _batch(
        self,
        model: Any,  # noqa: ANN401 - a ctranslate2.Translator
        vocabulary: Vocabulary,
        numbers: Sequence[list[int]],
        opening: str | None,
    ) -> list[list[int]]:
        """Translate sentences; CTranslate2 sorts them by length and cuts them into batches itself."""
        results = model.translate_batch(
            [vocabulary.spelled(sentence) for sentence in numbers],
            target_prefix=[[opening]] * len(numbers) if opening else None,
            max_batch_size=BATCH_TOKENS,
            batch_type="tokens",
            beam_size=self.beam_width,
            max_decoding_length=min(self.max_tokens, vocabulary.longest),
        )
        made = [result.hypotheses[0][1 if opening else 0 :] for result in results]
        return [[vocabulary.number(token) for token in tokens] for tokens in made]
