"""`viva demo`: every modality into every other, and a page that shows it."""

from pathlib import Path

import click

from vivavoce.apps.converter import Converter
from vivavoce.apps.demo import Pair, convert_all, write_page
from vivavoce.cli import options
from vivavoce.cli.language import Command, current_language, say
from vivavoce.errors import OutputError


@click.command("demo", cls=Command)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE...]")
@options.option("--output-dir", "-o", type=click.Path(path_type=Path), default=Path("out"), help="Where to write.")
@options.overwrite
def command(files: tuple[Path, ...], output_dir: Path, overwrite: bool) -> None:
    """Convert every modality into every other once, and show the results on a page."""
    if (output_dir / "index.html").exists() and not overwrite:
        raise OutputError("the target {path} exists; add --overwrite or name another", path=output_dir / "index.html")
    pairs: list[Pair] = []
    with Converter() as converter:
        for pair in convert_all(converter, files, output_dir):
            pairs.append(pair)
            click.echo(_line(pair))
    page = write_page(pairs, output_dir)
    failed = sum(pair.file is None for pair in pairs)
    click.echo(say("{done} of {all} conversions done; see {page}", done=len(pairs) - failed, all=len(pairs), page=page))
    if failed:
        raise click.exceptions.Exit(1)


def _line(pair: Pair) -> str:
    head = f"{pair.sample.value.modality:>6} → {pair.to:<6} {pair.seconds:6.1f} s "
    if pair.file is None:
        return head + "✗ " + (pair.error.localized(current_language()) if pair.error else "")
    return f"{head} {pair.size:>8}  {pair.route}"
