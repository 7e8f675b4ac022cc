"""A font on this machine that has the letters of a text: matplotlib's DejaVu Sans, else one of the system's.

Matplotlib's own font search is not used: it reads every font on its first run, which takes seconds.
"""

import importlib.util
import os
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from vivavoce.errors import NotReady

# Names of files, best first. Each covers Chinese and Latin, most of them Japanese and Korean too.
CJK_FONTS = (
    "notosanscjk",
    "sourcehansans",
    "notosanssc",
    "wqy-microhei",
    "wqy-zenhei",
    "droidsansfallbackfull",
    "droidsansfallback",
    "pingfang",
    "stheiti",
    "notoserifcjk",
    "uming",
    "ukai",
)
SUFFIXES = (".ttf", ".ttc", ".otf", ".otc")
UNLIKE_PLAIN = ("italic", "oblique", "light", "thin", "black", "condensed", "mono", "serif", "emoji", "math")
EMOJI_BLOCKS = range(0x1F000, 0x1FB00)
CJK_BLOCKS = (range(0x2E80, 0xA4D0), range(0xAC00, 0xD7B0), range(0xF900, 0xFB00), range(0x20000, 0x32000))


def font_path(text: str, bold: bool = False) -> Path:
    """Return a font that has every letter of `text`, or else the most; of a collection, index 0 is meant.

    Emoji don't count, since no font of outlines has them: `drawable` leaves them out. Raises NotReady when no
    font here has even half of the letters of `text`, or half of its Chinese, Japanese and Korean ones.
    """
    if text.isascii():
        return _bundled(bold)
    return _best(frozenset(ord(letter) for letter in set(text) if _counts(letter)), bold)


def drawable(text: str, font: Path) -> str:
    """Return `text` without the characters that `font` would show as an empty box."""
    if text.isascii():
        return text
    return "".join(c for c in text if c in "\n\t " or (not _invisible(c) and _glyph(font, ord(c))))


def is_cjk(letter: str) -> bool:
    """Say whether a character is Chinese, Japanese or Korean, their punctuation and wide forms included."""
    code = ord(letter)
    return any(code in block for block in CJK_BLOCKS) or 0xFF00 <= code < 0xFFF0


def _counts(letter: str) -> bool:
    return ord(letter) not in EMOJI_BLOCKS and not _invisible(letter)


def _invisible(letter: str) -> bool:
    """Spaces, controls, joiners, and variation selectors, which only choose a form of the letter before."""
    return unicodedata.category(letter)[0] in "CZ" or 0xFE00 <= ord(letter) <= 0xFE0F


@lru_cache(maxsize=512)
def _best(letters: frozenset[int], bold: bool) -> Path:
    found, fewest = _bundled(bold), len(letters) + 1
    for font in _candidates(letters, bold):
        missing = sum(not _glyph(font, code) for code in letters)
        if missing < fewest:
            found, fewest = font, missing
        if not missing:
            break
    _check_legible(letters, found)
    return found


def _check_legible(letters: frozenset[int], font: Path) -> None:
    cjk = frozenset(code for code in letters if is_cjk(chr(code)))
    for wanted, package in ((cjk, "fonts-wqy-microhei"), (letters, "fonts-noto-core")):
        missing = [code for code in sorted(wanted) if not _glyph(font, code)]
        if len(missing) * 2 > len(wanted):
            raise NotReady(
                "no font on this machine has the letters “{letters}”; run: apt-get install {package}",
                letters="".join(map(chr, missing[:8])),
                package=package,
            )


def _candidates(letters: frozenset[int], bold: bool) -> Iterator[Path]:
    yield _bundled(bold)
    if any(code > 127 for code in letters):
        yield from sorted(_system_fonts(), key=lambda font: _rank(font, bold))


def _bundled(bold: bool) -> Path:
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise NotReady("the library matplotlib is not installed; run: pip install matplotlib")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name


def _rank(font: Path, bold: bool) -> tuple[int, int, bool, str]:
    """Sort the known families first, then upright plain faces, then the weight that was asked for."""
    name = font.stem.lower()
    family = next((place for place, known in enumerate(CJK_FONTS) if known in name), len(CJK_FONTS))
    return family, sum(word in name for word in UNLIKE_PLAIN), ("bold" in name) is not bold, str(font)


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[Path, ...]:
    home = Path.home()
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = os.environ.get("XDG_DATA_HOME") or home / ".local/share"
    places = [home / ".fonts", *(Path(folder) / "fonts" for folder in (own, *shared.split(":")))]
    places.append(Path("/System/Library/Fonts"))
    files = (file for place in places if place.is_dir() for file in place.rglob("*"))
    return tuple(file for file in files if file.suffix.lower() in SUFFIXES)


def _glyph(font: Path, code: int) -> bool:
    return code < 128 or code in _coverage(font)


@lru_cache(maxsize=64)
def _coverage(font: Path) -> frozenset[int]:
    """Return the characters of a font; none for a file that can't be read or has no outlines to scale."""
    from matplotlib.ft2font import FT2Font

    try:
        face = FT2Font(str(font))
    except (RuntimeError, OSError, ValueError):
        return frozenset()
    scalable = getattr(face, "num_glyphs", 0) and face.units_per_EM
    return frozenset(face.get_charmap()) if scalable else frozenset()
