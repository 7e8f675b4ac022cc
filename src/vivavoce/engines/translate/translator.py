"""A translator made of a vocabulary and a model that turns token numbers into token numbers."""

from collections.abc import Callable, Collection, Sequence

from vivavoce.engines.abilities import Translate
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, Card, port
from vivavoce.engines.language_codes import usual
from vivavoce.engines.translate.document import direction, translated
from vivavoce.engines.translate.languages import listed
from vivavoce.engines.translate.vocabulary import Vocabulary
from vivavoce.errors import UnsupportedLanguage
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

# Token numbers of several sentences, and the token to begin with, to those of their translations.
Run = Callable[[Sequence[list[int]], str | None], Sequence[list[int]]]


def card_of(model: Checkpoint, edge: str = "") -> Card:
    """Return the card of a translator on these weights."""
    return model.card(
        Ability.TRANSLATE,
        (port(Modality.TEXT),),
        port(Modality.TEXT),
        "translates text, line for line and cue for cue",
        edge=edge,
    )


def translator(model: Checkpoint, vocabulary: Vocabulary, run: Run) -> Translate:
    """Return what translates by `run`."""
    sources: Collection[str] = vocabulary.tokens if vocabulary.leads else model.languages
    targets: Collection[str] = vocabulary.tokens or model.into

    def translate(text: Text, language: str) -> Text:
        way = direction(text, language)
        if way is None:
            return text
        check_pair(model.alias, text.language or "", language, sources, targets)

        def sentences(given: Sequence[str]) -> list[str]:
            numbers = [vocabulary.encode(sentence, way.source, way.target) for sentence in given]
            return [vocabulary.decode(made) for made in run(numbers, vocabulary.opening(way.target))]

        return translated(text, language, way, sentences, vocabulary.fits)

    return translate


def check_pair(engine: str, source: str, target: str, sources: Collection[str], targets: Collection[str]) -> None:
    """Raise UnsupportedLanguage for a language that is not among those known; an empty list knows any."""
    if sources and usual(source) not in sources:
        raise UnsupportedLanguage(
            "{engine} does not translate from “{language}”; it knows {known}",
            engine=engine,
            language=source,
            known=listed(sources),
        )
    if targets and usual(target) not in targets:
        raise UnsupportedLanguage(
            "{engine} does not translate into “{language}”; it knows {known}",
            engine=engine,
            language=target,
            known=listed(targets),
        )
