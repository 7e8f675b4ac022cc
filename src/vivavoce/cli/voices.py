"""`viva voices phrase|enrol|list|forget`: voices of people who consented, for models that speak in them."""

import click

from vivavoce.apps.abilities import able_engine, opened
from vivavoce.apps.converter import default_converter
from vivavoce.cli import options
from vivavoce.cli.language import Command, Group, say
from vivavoce.engines.contract import Ability
from vivavoce.engines.speak import voiceprints
from vivavoce.errors import EngineError
from vivavoce.media.audio import Audio

SIMILARITY = 0.86  # the threshold that the authors of the WavLM speaker models give


@click.group("voices", cls=Group)
def command() -> None:
    """Enrol the voice of a person who consents, list and forget such voices."""


@command.command("phrase", cls=Command)
@click.argument("language", default="en")
def phrase(language: str) -> None:
    """Ask for a phrase that the person shall read aloud within ten minutes."""
    click.echo(voiceprints.consent_phrase(language))


@command.command("enrol", cls=Command)
@click.argument("name")
@click.argument("sample", type=click.Path())
@click.argument("consent", type=click.Path())
@click.argument("words", metavar="PHRASE")
@options.option("--voiceprint", default="wavlm-sv", show_default=True, help="The engine that compares voices.")
@options.option(
    "--model", metavar="NAME", help="The recogniser that checks the phrase; default: the best that is ready."
)
def enrol(name: str, sample: str, consent: str, words: str, voiceprint: str, model: str | None) -> None:
    """Enrol a voice from a SAMPLE and a recording of the PHRASE, as in: viva voices enrol ann a.wav consent.wav "…"."""
    converter = default_converter()
    sounds = opened(sample, Audio), opened(consent, Audio)
    recogniser = able_engine(converter, Ability.TRANSCRIBE, model)
    comparer = able_engine(converter, Ability.VOICEPRINT, voiceprint)
    with converter.pool.use(recogniser) as hear, converter.pool.use(comparer) as compare:
        judges = voiceprints.Judges(
            hear=hear, voiceprint=compare, voiceprint_name=comparer.card.name, similarity=SIMILARITY
        )
        record = voiceprints.enrol(name, *sounds, words, judges)
    click.echo(say("{name} is enrolled; similarity {similarity:.2f}", name=record.name, similarity=record.similarity))


@command.command("list", cls=Command)
def list_voices() -> None:
    """List who is enrolled."""
    for name in voiceprints.names():
        try:
            click.echo(f"{name}  {voiceprints.enrolled(name).consent.date}")
        except EngineError:
            click.echo(say("{name}  damaged; run: viva voices forget {name}", name=name))


@command.command("forget", cls=Command)
@click.argument("name")
def forget(name: str) -> None:
    """Erase a voice and the record of consent."""
    voiceprints.forget(name)
    click.echo(say("{name} is forgotten", name=name))
