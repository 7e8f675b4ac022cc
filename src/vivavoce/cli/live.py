"""What is said while it is heard: confirmed words for good, the others dimmed and rewritten until they are."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vivavoce.apps import abilities
from vivavoce.apps.converter import Converter, Job
from vivavoce.engines.abilities import Transcribe
from vivavoce.engines.contract import Ability
from vivavoce.engines.hub import pull
from vivavoce.engines.live import SENTENCE_ENDS, LiveTranscript, Pace, Partial, joined
from vivavoce.engines.options import Hints
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Source, open_value
from vivavoce.media.modality import Modality
from vivavoce.media.text import Word

if TYPE_CHECKING:
    from rich.console import Console

MAX_LINE = 80  # characters; a line ends earlier after a sentence or a pause
PACE = Pace()


def follow(converter: Converter, source: Source, job: Job) -> None:
    """Print what is said in a recording or a video, heard step by step as if it came live.

    Raises NothingFound, UsageError for a job that is more than to write down speech, and what the engine raises.
    """
    from rich.console import Console

    value = open_value(source)
    heard = converter.run([value], Job(to=Modality.SPEECH)) if value.modality is Modality.VIDEO else value
    audio = abilities.opened(heard, Audio)
    (hop, *others) = converter.plan([audio], job).hops
    if others or hop.card.ability is not Ability.TRANSCRIBE:
        raise UsageError("--live writes down what is said, in its own language; leave out --to-language")
    if job.wishes.pull and hop.lack and hop.lack.kind == "weights" and hop.card.weights:
        pull(hop.card.weights)
    with converter.pool.use(converter.engines[hop.card.name]) as transcribe:
        rate_hz = hop.card.rate_hz or audio.rate_hz
        found = print_partials(partials(transcribe, audio, rate_hz, job.preferences.hints), Console(highlight=False))
    if not found:
        raise NothingFound(
            "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking", seconds=audio.duration_s
        )


def partials(transcribe: Transcribe, audio: Audio, rate_hz: int, hints: Hints) -> Iterator[Partial]:
    """Yield what is heard at each step of a recording."""
    live = LiveTranscript(transcribe, rate_hz, hints, PACE)
    samples, step = audio.at(rate_hz), int(PACE.step_s * rate_hz)
    for at in range(0, len(samples), step):
        yield live.feed(samples[at : at + step])
    yield live.finish()


def print_partials(partials: Iterable[Partial], console: "Console") -> bool:
    """Print confirmed words line by line, and on a terminal those below that may still change; say if there are any."""
    from rich.live import Live
    from rich.text import Text

    line: tuple[Word, ...] = ()
    found = False
    with Live(console=console, auto_refresh=False, transient=True) as below:
        for partial in partials:
            found = found or bool(partial.confirmed)
            for word in partial.confirmed:
                if line and _ends(line, word):
                    console.print(Text(joined(line)), soft_wrap=True)
                    line = ()
                line = (*line, word)
            if console.is_terminal:
                both = joined((*line, *partial.tentative))
                below.update(Text.assemble(both[: len(joined(line))], (both[len(joined(line)) :], "dim")), refresh=True)
        below.update(Text(), refresh=True)
    if line:
        console.print(Text(joined(line)), soft_wrap=True)
    return found


def _ends(line: tuple[Word, ...], after: Word) -> bool:
    """Say whether a line is over before the word `after`."""
    paused = after.start_s - line[-1].end_s >= PACE.pause_s
    return paused or line[-1].text.endswith(SENTENCE_ENDS) or len(joined((*line, after))) > MAX_LINE
