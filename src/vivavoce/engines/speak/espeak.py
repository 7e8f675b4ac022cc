"""espeak-ng through its C interface: robotic, but instant, in over 100 languages, and it tells when each word is said.

The library is GPL-3.0; it is loaded at run time from the package espeakng-loader and is no part of this project.
Interface: espeak-ng's `speak_lib.h`. The library keeps one global state, so one call runs at a time.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from vivavoce.engines.abilities import Speak
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.inflect import Inflection, inflected, inflection_of, speed_of
from vivavoce.engines.speak.prosody import WORDS_PER_MINUTE, spoken_sentences
from vivavoce.errors import EmptyInput, EngineError, UnknownVoice
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text, Word

SYNCHRONOUS, DONT_EXIT, UTF8, BY_CHARACTER, IPA = 2, 0x8000, 1, 1, 2
RATE_PARAMETER, PITCH_PARAMETER = 1, 3
WORD_EVENT, LAST_EVENT = 1, 0
SLOWEST_WPM, FASTEST_WPM = 80, 700
DEFAULT_LANGUAGE = "en"
VOICE_OF_LANGUAGE = {"zh": "cmn", "en": "en-us", "no": "nb"}

LANGUAGES = tuple(
    "en zh af am an ar as az ba be bg bn bpy bs ca chr cs cv cy da de el eo es et eu fa fi fr ga gd gn grc gu hak "
    "haw he hi hr ht hu hy ia id io is it ja jbo ka kk kl kn ko kok ku ky la lb lfn lt ltg lv mi mk ml mr ms mt "
    "mto my nb nci ne nl no nog om or pa pap pl pt qu quc ro ru sd shn si sk sl smj sq sr sv sw ta te th ti tk tn tr "
    "tt ug uk ur uz vi yue".split()
)


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


class _VoiceQuery(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass
class _Take:
    """What one call of the library has given so far: int16 blocks, and (character, length, ms) of each word."""

    blocks: list[np.ndarray] = field(default_factory=list)
    words: list[tuple[int, int, int]] = field(default_factory=list)


class _Library:
    """The one espeak-ng of this process."""

    def __init__(self) -> None:
        import espeakng_loader

        self.lib = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate_hz = int(self.lib.espeak_Initialize(SYNCHRONOUS, 0, data, DONT_EXIT))
        self.lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.take = _Take()
        self.callback = _Callback(self._receive)  # kept: the library calls it for as long as it lives
        self.lib.espeak_SetSynthCallback(self.callback)

    def _receive(self, samples: Any, count: int, events: Any) -> int:  # noqa: ANN401 - ctypes pointers have no type
        if count > 0:
            self.take.blocks.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        at = 0
        while events[at].type != LAST_EVENT:
            if events[at].type == WORD_EVENT:
                event = events[at]
                self.take.words.append((event.text_position - 1, event.length, event.audio_position_ms))
            at += 1
        return 0

    def choose(self, voice_name: str) -> None:
        """Take a voice by its name or language; raise UnknownVoice when there is none."""
        by_language = _VoiceQuery(languages=voice_name.encode())
        named = self.lib.espeak_SetVoiceByName(voice_name.encode()) == 0
        if not named and self.lib.espeak_SetVoiceByProperties(ctypes.byref(by_language)):
            raise UnknownVoice(
                "espeak has no voice “{voice}”; leave the voice out, or give a language code such as en or zh",
                voice=voice_name,
            )

    def phonemes(self, text: str, voice_name: str) -> str:
        """Return `text` in the International Phonetic Alphabet, its clauses a space apart."""
        self.choose(voice_name)
        content = ctypes.create_string_buffer(text.encode())
        rest = ctypes.c_void_p(ctypes.addressof(content))
        clauses: list[str] = []
        while rest.value:
            found = self.lib.espeak_TextToPhonemes(ctypes.byref(rest), UTF8, IPA)
            clauses.append(found.decode() if found else "")
        # Without something said in between, after many calls the next `say` misses the event of its first word.
        self.take = _Take()
        self.lib.espeak_Synth(b" ", 2, 0, BY_CHARACTER, 0, UTF8, None, None)
        return " ".join(clauses)

    def say(self, sentence: str, voice_name: str, voice: Voice) -> _Take:
        """Synthesise `sentence`; raise UnknownVoice for a voice it does not have."""
        self.choose(voice_name)
        self.lib.espeak_SetParameter(RATE_PARAMETER, _words_per_minute(speed_of(voice)), 0)
        self.lib.espeak_SetParameter(PITCH_PARAMETER, voice.pitch, 0)
        self.take = _Take()
        content = sentence.encode()
        self.lib.espeak_Synth(content, len(content) + 1, 0, BY_CHARACTER, 0, UTF8, None, None)
        return self.take


_lock = threading.Lock()
_library: _Library | None = None


def _shared_library() -> _Library:
    """Return the library, loaded on first use: it can be initialised only once in a process."""
    global _library
    if _library is None:
        _library = _Library()
    return _library


def phonemes_of(text: str, voice_name: str) -> str:
    """Return the phonemes of a text without punctuation; raise UnknownVoice for a voice that espeak does not have."""
    with _lock:
        return _shared_library().phonemes(text, voice_name)


@dataclass(frozen=True, kw_only=True)
class Espeak:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="espeak",
        ability=Ability.SPEAK,
        takes=(port(Modality.TEXT),),
        gives=port(Modality.SPEECH, Trait.SPOKEN),
        summary="robotic voices in over 100 languages, with the time of each word",
        licence="GPL-3.0-or-later",
        languages=LANGUAGES,
        piecewise=True,
        cost=Cost(fixed_s=0.02, per_unit_s=0.0002, memory_gb=0.03, quality=0.6),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Speak]:
        """Yield the speaker; it runs on the CPU whatever `device` says."""
        with _lock:
            rate_hz = _shared_library().rate_hz

        def speak(text: Text, voice: Voice) -> Iterator[Audio]:
            language = text.language or DEFAULT_LANGUAGE
            name = voice.name or VOICE_OF_LANGUAGE.get(language, language)
            spoken = False
            for sentence in spoken_sentences(text):
                with _lock:
                    take = _shared_library().say(sentence, name, voice)
                if take.blocks:
                    spoken = True
                    how = inflection_of(replace(voice, pitch=50), own_speed=True)  # the library sees to the pitch
                    yield _audio(take, sentence, language, rate_hz, how)
            if not spoken:
                raise EmptyInput("there is nothing to say in “{text}”; give words", text=text.text[:40])

        yield speak


def _words_per_minute(rate: float) -> int:
    wpm = round(WORDS_PER_MINUTE * rate)
    if not SLOWEST_WPM <= wpm <= FASTEST_WPM:
        raise EngineError(
            "a speaking rate of {rate} is outside {low:.2f}–{high:.2f} for espeak; choose one inside",
            rate=rate,
            low=SLOWEST_WPM / WORDS_PER_MINUTE,
            high=FASTEST_WPM / WORDS_PER_MINUTE,
        )
    return wpm


def _audio(take: _Take, sentence: str, language: str, rate_hz: int, how: Inflection) -> Audio:
    samples = inflected(np.concatenate(take.blocks).astype(np.float32) / np.float32(32768), rate_hz, how)
    end_s = len(samples) / rate_hz
    starts = [(position, length, ms / 1000) for position, length, ms in take.words]
    words = []
    for (position, length, start_s), after in zip(starts, [*starts[1:], (0, 0, end_s)], strict=False):
        word = sentence[position : position + length].strip()
        if word:
            words.append(Word(word, min(start_s, end_s), min(max(after[2], start_s), end_s)))
    segment = Segment(sentence, 0.0, end_s, tuple(words))
    return Audio(samples, rate_hz, Text(sentence, language, (segment,)))
