"""Text files: which of them it is, in which encoding, and back."""

import codecs
import json
import unicodedata
from pathlib import Path

from vivavoce.errors import CorruptMedia, EmptyInput, OutputError, TooLarge, UnsupportedFormat
from vivavoce.media import subtitles
from vivavoce.media.limits import Limits
from vivavoce.media.table import Table
from vivavoce.media.table_files import looks_like_table, read_delimited, table_from_json
from vivavoce.media.text import Text

BYTES_PER_CHARACTER = 4  # at most, in any encoding read here
SUBTITLE_FORMATS = ("srt", "vtt", "tsv")
MARKS = (  # the longer first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GUESSES = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1252", "koi8_r"]
SAMPLE_BYTES = 200_000
COMMON_SHARE = 0.8  # of what isn't ASCII in a Chinese text: everyday characters and punctuation
KOREAN_CHARACTERS = 8  # so many without a typically Chinese one are Korean
CONTROL_SHARE = 0.02  # more control characters than this, and it is no text


def read_text(content: bytes, name: str, limits: Limits) -> Text | Table:
    """Read plain text, Markdown, subtitles, a JSON transcript, or a table in CSV, TSV or JSON.

    `name` decides only between prose and a table where the content could be either.
    """
    ending = name.lower().rpartition(".")[2]
    text = decode(content)
    if len(text) > limits.max_characters:
        raise TooLarge(
            "the text has {got:,} characters and the limit is {limit:,}; cut it in parts",
            got=len(text),
            limit=limits.max_characters,
        )
    if not text.strip():
        raise EmptyInput("the text is empty; give a file with words in it")
    if text.startswith("WEBVTT") or ending == "vtt":
        return subtitles.read_subtitles(text, "vtt")
    if subtitles.begins_with_cue(text) or ending == "srt":
        return subtitles.read_subtitles(text, "srt")
    if ending == "json" or text.lstrip()[0] in "{[":
        found = _read_json(text, must=ending == "json", limits=limits)
        if found is not None:
            return found
    if looks_like_table(text, name):
        return read_delimited(text, limits)
    return Text(text.strip())


def decode(content: bytes) -> str:
    r"""Decode as the mark at the start says, else as UTF-8, else as the likeliest encoding; line ends become \n."""
    marked = next((encoding for mark, encoding in MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(marked or "utf-8")
    except UnicodeDecodeError:
        text = _with_surrogates(content) or content.decode(_guess(content), "replace")
    if "\x00" in text or _is_binary(text):
        raise UnsupportedFormat("the content is neither text nor a known format; check the file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _with_surrogates(content: bytes) -> str | None:
    """Decode UTF-8 in which characters beyond U+FFFF are two halves, as some old programs write it; lone ones stay."""
    try:
        halves = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _guess(content: bytes) -> str:
    sample = content[:SAMPLE_BYTES]
    if _is_everyday_chinese(sample):
        return "gb18030"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=GUESSES).best()
    if best is None:
        raise UnsupportedFormat("the text is in no known encoding; save it as UTF-8")
    return best.encoding


def _is_everyday_chinese(sample: bytes) -> bool:
    """Say whether most of it is in the first half of GB 2312, which holds the everyday characters.

    Statistical guessers need more than a line. A line of Korean has the same bytes, but none from C9 on, where almost
    half of everyday Chinese lies; a few characters without any are taken as Chinese.
    """
    pairs = common = beyond_korean = 0
    at = 0
    while at < len(sample) - 1:
        lead, trail = sample[at], sample[at + 1]
        if lead < 0x80:
            at += 1
            continue
        if not (0x81 <= lead <= 0xFE and 0x40 <= trail <= 0xFE):
            return False
        pairs += 1
        common += (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3) and trail >= 0xA1
        beyond_korean += 0xC9 <= lead <= 0xD7
        at += 2
    return pairs > 0 and common >= COMMON_SHARE * pairs and (beyond_korean > 0 or pairs < KOREAN_CHARACTERS)


def _is_binary(text: str) -> bool:
    sample = text[:SAMPLE_BYTES]
    control = sum(unicodedata.category(letter) == "Cc" for letter in sample if letter not in "\t\n\r\f")
    return control > CONTROL_SHARE * len(sample)


def _read_json(text: str, must: bool, limits: Limits) -> Text | Table | None:
    """Read a transcript or a table; None where it is neither and the name doesn't insist that it is JSON."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        if must:
            raise CorruptMedia("this is no valid JSON ({reason}); mend it and try again", reason=error) from error
        return None
    if isinstance(record, dict) and "text" in record:
        return subtitles.from_json(record)
    try:
        return table_from_json(record, limits)
    except UnsupportedFormat:
        if must:
            raise
        return None


def write_text(text: Text, path: Path, suffix: str) -> None:
    """Write as txt, md, srt, vtt, tsv or json, in UTF-8; raise OutputError for subtitles of a text without times."""
    if suffix in SUBTITLE_FORMATS and not text.segments:
        raise OutputError(
            "the text has no times, so it can't be written as .{suffix}; write .txt, or transcribe a recording",
            suffix=suffix,
        )
    render = {
        "srt": subtitles.to_srt,
        "vtt": subtitles.to_vtt,
        "tsv": subtitles.to_tsv,
        "json": subtitles.to_json,
    }
    content = render[suffix](text) if suffix in render else text.text.rstrip("\n") + "\n"
    path.write_text(content, encoding="utf-8")
