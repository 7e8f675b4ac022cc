"""Cutting text into sentences, English and Chinese, by the rules of the library sentencex."""

import re
from collections.abc import Iterator

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
LATIN = re.compile(r"[A-Za-z]")
FOREIGN_LETTERS = 20  # Latin letters among which one Chinese character is foreign

# A new paragraph, or a new item of a list.
BREAK = re.compile(r"\n[ \t\u3000]*\n\s*|\n(?=[ \t\u3000]*(?:[-*+•·][ \t]|[(（]?\d{1,3}[.)、）]))")

# sentencex takes time that grows with the square of a text that isn't ASCII: blocks are kept about this long.
BLOCK_CHARACTERS = 1000
BLOCK_END = re.compile(r"[。！？][”’」』）】]*|(?<=[a-z]{4})[.!?]\s+(?=[A-Z])")

# Where sentencex sees an end and there is none: after the number of an item, and after a title or an initial
# that touches a Chinese character.
UNFINISHED = re.compile(
    r"(?:^[(（]?\d{1,3}[.)、）]\s*|(?<=[^\x00-\x7f])(?:(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs)\.\s*|[A-Z]\.))$"
)


def sentences(text: str, language: str | None) -> list[str]:
    """Return the sentences of `text`, each stripped and none empty; only white space is left out.

    `language` is an ISO 639 code; None is guessed.
    """
    code = language or guess_language(text) or "en"
    found: list[str] = []
    for block in _blocks(text):
        begun = ""
        for piece in _segmented(code, block):
            begun += piece
            if not UNFINISHED.search(begun):
                found.append(begun.strip())
                begun = ""
        found.append(begun.strip())
    return [sentence for sentence in found if sentence]


def _segmented(language: str, block: str) -> list[str]:
    """Cut a block by sentencex; one on which the library breaks down stays whole."""
    from sentencex import segment

    try:
        return list(segment(language, block))
    except BaseException as error:  # the panics of a Rust library are no Exception
        if type(error).__name__ != "PanicException":
            raise
        return [block]


def guess_language(text: str) -> str | None:
    """Return "zh" for Chinese characters, "en" for Latin letters, None for neither, and for kana or hangul.

    One Chinese character in a page of English doesn't make it Chinese.
    """
    if KANA_OR_HANGUL.search(text):
        return None
    chinese, latin = len(HAN.findall(text)), len(LATIN.findall(text))
    if chinese * FOREIGN_LETTERS > latin:
        return "zh"
    return "en" if latin else None


def _blocks(text: str) -> Iterator[str]:
    """Cut at paragraphs and list items, and long paragraphs where a sentence surely ends."""
    for paragraph in BREAK.split(text):
        at = 0
        while len(paragraph) - at > 2 * BLOCK_CHARACTERS:
            end = BLOCK_END.search(paragraph, at + BLOCK_CHARACTERS)
            if end is None:
                break
            yield paragraph[at : end.end()]
            at = end.end()
        yield paragraph[at:]
