"""Coverage-guided fuzzing (atheris) of what reads text here: subtitles, tables, transcripts, encodings, numbers.

    python tests/fuzz/fuzz_text.py -runs=20000 [folder with a corpus]

Only VivavoceError may come out; anything else, or an input that takes over five seconds, is a finding.
"""

import sys

import atheris

with atheris.instrument_imports(include=["vivavoce.media"]):
    from vivavoce.errors import VivavoceError
    from vivavoce.media import origin, subtitles, table, table_files, text_files
    from vivavoce.media.limits import Limits

LIMITS = Limits(max_characters=10_000, max_cells=1_000)
NAMES = ("a", "a.txt", "a.csv", "a.srt", "a.vtt", "a.json")


def read_any_text(data):
    """Read bytes as a file of some name."""
    value = text_files.read_text(data[1:], NAMES[data[0] % len(NAMES)] if data else "a", LIMITS)
    if isinstance(value, table.Table):
        return value.digest()
    return [render(value) for render in (subtitles.to_srt, subtitles.to_vtt, subtitles.to_tsv, subtitles.to_json)]


def read_subtitles(data):
    """Read text as subtitles, cut it into cues and write it again."""
    text = subtitles.read_subtitles(data.decode("utf-8", "replace"), "vtt" if data[:1] == b"v" else "srt")
    again = subtitles.read_subtitles(subtitles.to_vtt(text), "vtt")
    assert [s.text for s in again.segments] == [s.text for s in text.segments]


def read_table(data):
    """Read text as a table, whatever it looks like."""
    text = data.decode("utf-8", "replace")
    table_files.looks_like_table(text)
    table_files.read_delimited(text, LIMITS)


def read_small_things(data):
    """Read a number and a trail."""
    text = data.decode("utf-8", "replace")
    table.parse_number(text)
    origin.from_json(text)


TARGETS = (read_any_text, read_subtitles, read_table, read_small_things)


def one_input(data):
    """Feed one input to one of the readers."""
    if not data:
        return
    try:
        TARGETS[data[0] % len(TARGETS)](data[1:])
    except VivavoceError as error:
        str(error), error.localized("zh")


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-timeout=5", "-max_len=4096"], one_input)
    atheris.Fuzz()
