"""Every error this package raises on purpose.

    VivavoceError
    ├── UsageError              the request itself makes no sense: unknown modality, option or engine
    ├── InputError              an input can't be used
    │   ├── MissingFile         nothing there, or a folder
    │   ├── UnsupportedFormat   not a format on the list
    │   ├── CorruptMedia        a listed format, but damaged
    │   ├── TooLarge            over a limit
    │   └── EmptyInput          nothing in it
    ├── OutputError             the result can't be written
    ├── NoRoute                 no chain of engines leads there
    ├── RouteFailed             a route broke and nothing could replace it; names what was kept
    └── EngineError             an engine can't do this
        ├── NothingFound        it ran, and found nothing (no speech, no text)
        ├── UnsupportedLanguage it doesn't know the language
        ├── UnknownVoice        it has no such voice
        ├── OutOfMemory         the device's memory is too small for it
        └── NotReady            a library, program or weights must be installed first

A message is one sentence: what is wrong, what was got, and the remedy. It is kept as a template and its fields, so
that `localized` can say it in another language.
"""

from pathlib import Path

from vivavoce.messages import Phrase, translate


class VivavoceError(Exception):
    """A message template in English, and the values of its `{fields}`."""

    def __init__(self, template: str, **fields: object) -> None:
        self.template = template
        self.fields = fields
        super().__init__(template.format(**fields))

    def localized(self, language: str) -> str:
        """Return the message in `language` ("en", "zh"); English where there is no translation."""
        fields = {name: _localized(value, language) for name, value in self.fields.items()}
        return translate(self.template, language).format(**fields)


def _localized(value: object, language: str) -> object:
    if isinstance(value, VivavoceError):
        return value.localized(language)
    return translate(value, language) if isinstance(value, Phrase) else value


class UsageError(VivavoceError):
    """The request itself makes no sense."""


class InputError(VivavoceError):
    """An input can't be used."""


class MissingFile(InputError):
    """There is no such file, or it is a folder."""


class UnsupportedFormat(InputError):
    """The content is in no format on the list."""


class CorruptMedia(InputError):
    """The content is in a listed format, but damaged."""


class TooLarge(InputError):
    """The content is over one of the limits."""


class EmptyInput(InputError):
    """There is nothing in it."""


class OutputError(VivavoceError):
    """The result can't be written where it was asked for."""


class NoRoute(VivavoceError):
    """No chain of engines leads from the inputs to the goal."""


class EngineError(VivavoceError):
    """An engine can't do what it was asked."""


class NothingFound(EngineError):
    """The engine ran and found nothing: no speech, no text."""


class UnsupportedLanguage(EngineError):
    """The engine doesn't know the language."""


class UnknownVoice(EngineError):
    """The engine has no voice of that name."""


class OutOfMemory(EngineError):
    """The memory of the device is too small."""


class NotReady(EngineError):
    """A library, a program or weights must be installed first; the message holds the line that does it."""


class RouteFailed(VivavoceError):
    """A route broke and no other could replace it; `artefacts` are the files kept from the steps that worked."""

    artefacts: tuple[Path, ...] = ()
