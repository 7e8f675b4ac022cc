"""Each of text, speech, image, video and table into every other, once, and a page that shows the results."""

import html
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from shutil import copyfile
from string import Template
from urllib.parse import quote

from vivavoce.apps.converter import Converter, Job
from vivavoce.apps.samples import Sample, samples
from vivavoce.engines.contract import State
from vivavoce.errors import VivavoceError
from vivavoce.media.gateway import open_value, save
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, Step
from vivavoce.media.text import Text
from vivavoce.messages import translate

WRITTEN_AS = {
    Modality.TEXT: "txt",
    Modality.SPEECH: "mp3",
    Modality.IMAGE: "png",
    Modality.VIDEO: "mp4",
    Modality.TABLE: "csv",
}
SHOWN_CHARACTERS = 700
BOTH = ("en", "zh")


@dataclass(frozen=True)
class Pair:
    """One conversion of the demonstration: from what, to what, its trail and time, or why it failed."""

    sample: Sample
    to: Modality
    origin: Origin
    seconds: float
    file: Path | None
    error: VivavoceError | None = None

    @property
    def route(self) -> str:
        """The engines in order; a failed one is in brackets."""
        return " → ".join(f"({step.engine})" if step.failure else step.engine for step in self.origin)

    @property
    def size(self) -> str:
        """The size of the result, "1.5 kB"."""
        size = self.file.stat().st_size if self.file else 0
        return f"{size} B" if size < 1000 else f"{size / 1000:,.0f} kB"


def convert_all(converter: Converter, own: Sequence[Path], folder: Path) -> Iterator[Pair]:
    """Convert every modality into every other and yield the pairs as they are done; results lie in `folder`."""
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for sample in samples(converter, own, inputs):
        for to in WRITTEN_AS:
            if to is not sample.value.modality:
                yield _convert(converter, sample, to, folder)


def _convert(converter: Converter, sample: Sample, to: Modality, folder: Path) -> Pair:
    language = sample.value.language if isinstance(sample.value, Text) else None
    name = f"{sample.value.modality}-to-{to}{'-zh' if language == 'zh' else ''}.{WRITTEN_AS[to]}"
    began_s = time.perf_counter()
    try:
        result = converter.run([sample.value], Job(to=State(to)))
        file = save(result, folder / name, overwrite=True)
    except VivavoceError as error:
        return Pair(sample, to, (), time.perf_counter() - began_s, None, error)
    made_here = result.origin[len(sample.value.origin) :]  # after what the input's own file tells of itself
    return Pair(sample, to, made_here, time.perf_counter() - began_s, file)


def write_page(pairs: Sequence[Pair], folder: Path) -> Path:
    """Write `index.html` in both languages, with players, pictures and routes, and return its path."""
    template = Template(resources.files("vivavoce.apps").joinpath("demo_page.html").read_text("utf-8"))
    sources = dict.fromkeys(pair.sample.file for pair in pairs)
    sections = "\n".join(_section(source, pairs, folder) for source in sources)
    page = folder / "index.html"
    page.write_text(template.substitute(title=_both("Every modality into every other"), sections=sections), "utf-8")
    return page


def _section(source: Path, pairs: Sequence[Pair], folder: Path) -> str:
    mine = [pair for pair in pairs if pair.sample.file == source]
    sample = mine[0].sample
    shown = folder / "inputs" / source.name
    if source.resolve() != shown.resolve():
        copyfile(source, shown)
    cards = "\n".join(_card(pair, folder) for pair in mine)
    heading = f"{_both(sample.value.modality.value)} <small>{_both(KIND_NOTES[sample.kind])}</small>"
    return (
        f'<section><h2>{heading}</h2><div class="pairs"><article class="input">'
        f"<h3>{_both('input')}</h3>{_player(shown, sample.value.modality, folder)}</article>{cards}</div></section>"
    )


KIND_NOTES = {
    "yours": "your own file",
    "real": "a real recording or photograph",
    "photograph": "a photograph that comes with scikit-learn",
    "made": "a sample made by this program",
}


def _card(pair: Pair, folder: Path) -> str:
    heading = f"<h3>→ {_both(pair.to.value)}</h3>"
    if pair.error is not None or pair.file is None:
        words = "".join(
            f'<span lang="{language}">{html.escape(pair.error.localized(language) if pair.error else "")}</span>'
            for language in BOTH
        )
        return f'<article class="failed">{heading}<p>{words}</p></article>'
    engines = " → ".join(_named(step) for step in pair.origin)
    route = f'<p class="route">{engines}</p><p class="cost">{pair.seconds:.1f} s · {pair.size}</p>'
    return f"<article>{heading}{_player(pair.file, pair.to, folder)}{route}</article>"


def _named(step: Step) -> str:
    if not step.failure:
        return html.escape(step.engine)
    return f'<s title="{html.escape(step.failure, quote=True)}">{html.escape(step.engine)}</s>'


def _player(file: Path, modality: Modality, folder: Path) -> str:
    link = html.escape(quote(file.relative_to(folder).as_posix()), quote=True)
    match modality:
        case Modality.SPEECH:
            return f'<audio controls preload="metadata" src="{link}"></audio>'
        case Modality.VIDEO if file.suffix == ".mp4":
            return f'<video controls preload="metadata" src="{link}"></video>'
        case Modality.IMAGE:
            return f'<a href="{link}"><img loading="lazy" alt="" src="{link}"></a>'
        case Modality.TEXT | Modality.TABLE:
            return f"<pre>{html.escape(_excerpt(file))}</pre>"
        case _:
            return f'<a href="{link}">{html.escape(file.name)}</a>'


def _excerpt(file: Path) -> str:
    value = open_value(file)
    content = value.text if isinstance(value, Text) else file.read_text("utf-8", "replace")
    return content if len(content) <= SHOWN_CHARACTERS else content[:SHOWN_CHARACTERS] + "…"


def _both(message: str) -> str:
    """Return a message in both languages; the page shows one of them."""
    return "".join(f'<span lang="{language}">{html.escape(translate(message, language))}</span>' for language in BOTH)
