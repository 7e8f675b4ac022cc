"""Phonemes in the International Phonetic Alphabet, by espeak-ng: what Piper, Kokoro and some VITS were trained on."""

import re
import unicodedata

from vivavoce.engines.speak.espeak import VOICE_OF_LANGUAGE, phonemes_of

# espeak drops punctuation, and models read their pauses and their melody from it.
PAUSE = re.compile(r"([,;:.!?…，；：。！？、]+)")
MARKS = str.maketrans("，；：。！？、", ",;:.!?,")
LANGUAGE_SWITCH = re.compile(r"\([a-z-]+\)")


def phonemes(text: str, voice: str) -> str:
    """Return the phonemes of `text` in a voice of espeak ("en-us", "cmn"), with its punctuation in ASCII.

    Raises UnknownVoice for a voice that espeak does not have.
    """
    said = ""
    for part in PAUSE.split(text):
        if PAUSE.fullmatch(part):
            said += unicodedata.normalize("NFKC", part.translate(MARKS)[0]) + " " if said else ""
        elif part.strip():
            said += LANGUAGE_SWITCH.sub("", phonemes_of(part.strip(), voice)).strip()
    return re.sub(r"\s+", " ", said).strip()


def voice_of(language: str) -> str:
    """Return the name of espeak's voice for an ISO 639-1 code."""
    return VOICE_OF_LANGUAGE.get(language, language)
