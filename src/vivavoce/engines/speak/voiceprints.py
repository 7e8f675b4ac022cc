"""Enrolling a voice so that a model may speak in it: only with the consent of the person, which is kept as a record.

A phrase of random words is asked for, and the person reads it aloud. The recording must say that phrase, within its
time and only once, and be of the same voice as the sample. So a voice can't be taken from a recording that somebody
found. Against one who forges the voice while reading there is no sure defence: the record says who was let in and when.
"""

import json
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from vivavoce.engines.abilities import Transcribe, Voiceprint
from vivavoce.engines.home import user_folder
from vivavoce.engines.options import Hints
from vivavoce.engines.split import HAN
from vivavoce.errors import EngineError, InputError, NothingFound, UnknownVoice, UsageError
from vivavoce.media.atomic import replacing
from vivavoce.media.audio import Audio, Samples

VOICEPRINT, RECORD = "voiceprint.npy", "consent.json"
PHRASE_WORDS = 8
PHRASE_VALID_S = 600.0
MIN_RECORDING_S = 1.5
NAME = re.compile(r"\w[\w-]{0,39}")
WORDS = {
    "en": "apple river seven window garden yellow morning silver table winter bridge orange paper mountain music "
    "doctor harbour summer letter market island purple kitchen forest number circle candle animal pencil".split(),
    "zh": "苹果 河流 窗户 花园 黄色 早晨 桌子 冬天 大桥 橙子 报纸 高山 音乐 医生 夏天 信件 市场 海岛 厨房 森林 数字 "
    "圆圈 蜡烛 港口 篮子 动物 铅笔 雨伞 火车 牛奶".split(),
}


@dataclass(frozen=True, kw_only=True)
class Judges:
    """Who decides on consent: a recogniser, a voiceprint and its name, and how much the two may err.

    `word_error` is the share of words of the phrase that may be heard wrong, `similarity` the least cosine of two
    recordings of one person, which depends on the voiceprint.
    """

    hear: Transcribe
    voiceprint: Voiceprint
    voiceprint_name: str
    word_error: float = 0.25
    similarity: float = 0.75


@dataclass(frozen=True, kw_only=True)
class Consent:
    """The record: who consented, to which phrase, when (UTC), on which recordings, and how the judges found."""

    name: str
    phrase: str
    date: str
    sample_digest: str
    consent_digest: str
    voiceprint: str
    word_error: float
    similarity: float


@dataclass(frozen=True)
class Enrolled:
    """A voiceprint float32 [width] of length 1, and the consent to it."""

    vector: Samples
    consent: Consent


def voices_folder() -> Path:
    """Return where voices are kept."""
    return user_folder() / "voices"


def consent_phrase(language: str) -> str:
    """Return random words to be read aloud within ten minutes; raise UsageError for a language without any."""
    if language not in WORDS:
        raise UsageError(
            "there is no phrase of consent in {language}; choose one of {known}",
            language=language,
            known=", ".join(WORDS),
        )
    chosen = secrets.SystemRandom().sample(WORDS[language], PHRASE_WORDS)
    phrase = ("" if language == "zh" else " ").join(chosen)
    _write(_asked(phrase), json.dumps({"language": language, "asked_s": time.time()}))
    return phrase


def enrol(name: str, sample: Audio, consent: Audio, phrase: str, judges: Judges) -> Consent:
    """Keep the voiceprint of `sample` when `consent` is the same voice reading `phrase`; return the record.

    Raises UsageError for a name that can't be one or is taken, and for a phrase that was not asked for, is too old or
    was used; InputError for recordings that are too short or the same; EngineError when the phrase was not said or the
    voices differ. Whatever the outcome, a phrase serves once.
    """
    if not NAME.fullmatch(name):
        raise UsageError("“{name}” can't name a voice; use up to 40 letters, digits, - and _", name=name)
    if (voices_folder() / name).exists():
        raise UsageError("there is already a voice “{name}”; forget it first or choose another name", name=name)
    language = _spend(phrase)
    _check(sample, consent)
    heard = _heard(judges.hear, consent, language)
    error = word_error(phrase, heard)
    if error > judges.word_error:
        raise EngineError(
            "the recording of consent says “{heard}” and not “{phrase}”; ask for a new phrase and read it clearly",
            heard=heard[:80],
            phrase=phrase,
        )
    vector = _unit(judges.voiceprint(sample))
    similarity = float(vector @ _unit(judges.voiceprint(consent)))
    if not similarity >= judges.similarity:
        raise EngineError(
            "the sample and the recording of consent are not of one voice ({similarity:.2f}, at least {least:.2f}); "
            "record both yourself, in one place",
            similarity=similarity,
            least=judges.similarity,
        )
    record = Consent(
        name=name,
        phrase=phrase,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        sample_digest=sample.digest(),
        consent_digest=consent.digest(),
        voiceprint=judges.voiceprint_name,
        word_error=round(error, 3),
        similarity=round(similarity, 3),
    )
    _keep(voices_folder() / name, vector, record)
    return record


def enrolled(name: str) -> Enrolled:
    """Return an enrolled voice; raise UnknownVoice when there is none, EngineError when its files are damaged."""
    folder = _folder(name)
    try:
        record = Consent(**json.loads((folder / RECORD).read_text("utf-8")))
        vector = _unit(np.load(folder / VOICEPRINT, allow_pickle=False))
    except (OSError, EOFError, ValueError, TypeError, EngineError) as error:
        raise EngineError(
            "the files of the voice “{name}” are damaged; forget it and enrol again", name=name
        ) from error
    return Enrolled(vector, record)


def names() -> tuple[str, ...]:
    """Return who is enrolled, those whose files are damaged too."""
    return tuple(sorted(path.name for path in voices_folder().glob("*/") if NAME.fullmatch(path.name)))


def forget(name: str) -> None:
    """Erase a voice and its record, damaged or not; raise UnknownVoice when there is none."""
    shutil.rmtree(_folder(name))


def _folder(name: str) -> Path:
    folder = voices_folder() / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise UnknownVoice(
            "nobody called “{name}” is enrolled; enrol the voice with consent, or choose one of {known}",
            name=name,
            known=", ".join(names()) or "–",
        )
    return folder


def word_error(wanted: str, heard: str) -> float:
    """Return the edits between two phrases, by words or Chinese characters, as a share of the first."""
    reference, given = _tokens(wanted), _tokens(heard)
    row = list(range(len(given) + 1))
    for i, token in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(given, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (token != other))
    return row[-1] / max(1, len(reference))


def _tokens(text: str) -> Sequence[str]:
    return [str(token) for token in re.findall(rf"{HAN.pattern}|[^\W_]+", HAN.sub(r" \g<0> ", text.lower()))]


def _asked(phrase: str) -> Path:
    return user_folder() / "phrases" / f"{sha256(phrase.encode()).hexdigest()[:32]}.txt"


def _spend(phrase: str) -> str:
    """Return the language of a phrase that was asked for, and take it from those that were."""
    path = _asked(phrase)
    try:
        record = json.loads(path.read_text("utf-8"))
        path.unlink()
        language, age_s = str(record["language"]), time.time() - float(record["asked_s"])
    except (OSError, ValueError, KeyError, TypeError):
        language, age_s = "", PHRASE_VALID_S + 1
    if not 0 <= age_s <= PHRASE_VALID_S:
        raise UsageError("the phrase “{phrase}” was not asked for, is too old or was used; ask for one", phrase=phrase)
    return language


def _check(sample: Audio, consent: Audio) -> None:
    for audio in (sample, consent):
        if audio.duration_s < MIN_RECORDING_S:
            raise InputError(
                "a recording of {got:.1f} s is too short to know a voice by; record at least {least} s",
                got=audio.duration_s,
                least=MIN_RECORDING_S,
            )
    if sample.digest() == consent.digest():
        raise InputError("the sample is the recording of consent; record each by itself")


def _heard(hear: Transcribe, consent: Audio, language: str) -> str:
    try:
        return " ".join(segment.text for segment in hear(consent, Hints(language=language)))
    except NothingFound:
        return ""


def _unit(vector: Samples) -> Samples:
    length = float(np.linalg.norm(vector))
    if vector.ndim != 1 or not np.isfinite(length) or not length:
        raise EngineError("the voiceprint is not a vector; use another voiceprint model")
    return np.asarray(vector / length, np.float32)


def _keep(folder: Path, vector: Samples, record: Consent) -> None:
    """Write both files, the record last: a voice without it is damaged."""
    folder.mkdir(parents=True, mode=0o700)
    with replacing(folder / VOICEPRINT, overwrite=True) as temporary, temporary.open("wb") as file:
        np.save(file, vector, allow_pickle=False)
    _write(folder / RECORD, json.dumps(asdict(record), ensure_ascii=False, indent=2))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text(text, "utf-8")
        temporary.chmod(0o600)
