"""NLLB-200, M2M100 and Marian (OPUS-MT) from transformers checkpoints: two translators, the fast one on a CPU first."""

from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import AnyEngine
from vivavoce.engines.translate.languages import with_languages
from vivavoce.engines.translate.seq2seq_ct2 import CTranslate2Translator
from vivavoce.engines.translate.seq2seq_torch import TransformersTranslator

MODEL_TYPES = ("marian", "m2m_100")


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    model = with_languages(model)
    return CTranslate2Translator(model=model), TransformersTranslator(model=model)
