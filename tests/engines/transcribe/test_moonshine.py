"""On checkpoints with random weights: what they hear means nothing; wiring, masks, limits and errors are tested."""

import numpy as np
import pytest
import torch
import transformers

from tiny import recognisers as tiny
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Hints
from vivavoce.engines.transcribe import pieces as cutting
from vivavoce.engines.transcribe.moonshine import TOKENS_PER_S, engines
from vivavoce.errors import EngineError, NothingFound, UnsupportedLanguage
from vivavoce.media.audio import Audio

RATE_HZ = 16_000
BUILDERS = (tiny.moonshine, tiny.moonshine_streaming)


@pytest.fixture(scope="module", params=BUILDERS, ids=lambda build: build.__name__)
def folder(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp(request.param.__name__))


@pytest.fixture(scope="module")
def transcribe(folder):
    with opened(folder) as ability:
        yield ability


def opened(folder, **settings):
    (engine,) = engines(Checkpoint(alias="tiny", engine="moonshine", folder=str(folder), **settings))
    return engine.open("cpu")


def bursts(*seconds):
    """Return noise of several lengths with pauses between, and what a detector says of it."""
    parts, spans, at = [], [], 0.0
    for seed, length in enumerate(seconds):
        noise = np.random.default_rng(seed).normal(0, 0.1, int(length * RATE_HZ)).astype(np.float32)
        parts += [noise, np.zeros(3 * RATE_HZ, np.float32)]
        spans.append((at, at + length))
        at += length + 3
    return Audio(np.concatenate(parts), RATE_HZ), spans


@pytest.fixture
def heard_where(monkeypatch):
    """Let the pieces be where a test wants them, not where noise sounds like speech."""

    def at(spans):
        def pieces(detect_speech, samples):
            for start_s, end_s in spans:
                cut = samples[int(start_s * RATE_HZ) : int(end_s * RATE_HZ)]
                yield cutting.Piece(cut, start_s, len(cut) / RATE_HZ)

        monkeypatch.setattr(cutting, "pieces", pieces)

    return at


def plain_text(folder, samples):
    """Return what transformers makes of one recording, by the lines of the model card."""
    model = transformers.AutoModelForSpeechSeq2Seq.from_pretrained(folder).eval()
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    inputs = extractor(samples, sampling_rate=RATE_HZ, pad_to_multiple_of=80, padding=True, return_tensors="pt")
    limit = int(len(samples) / RATE_HZ * TOKENS_PER_S)
    with torch.inference_mode():
        ids = model.generate(**inputs, max_new_tokens=limit, do_sample=False)
    return tokenizer.decode(ids[0], skip_special_tokens=True).strip()


def test_pieces_of_unlike_length_in_one_batch_equal_the_plain_call_on_each(folder, transcribe, heard_where):
    audio, spans = bursts(1.0, 2.5, 0.64, 1.7)
    heard_where(spans)
    segments = list(transcribe(audio, Hints()))
    samples = audio.samples[:, 0]
    expected = [plain_text(folder, samples[int(a * RATE_HZ) : int(b * RATE_HZ)]) for a, b in spans]
    assert [segment.text for segment in segments] == [text for text in expected if text]
    assert len(set(expected)) > 1


def test_no_more_tokens_are_written_than_the_seconds_of_sound_allow(transcribe, heard_where):
    audio, spans = bursts(0.5, 2.0)
    heard_where(spans)
    lengths = [len(segment.text) for segment in transcribe(audio, Hints())]  # a token is a byte here
    assert lengths
    assert all(length <= (b - a) * TOKENS_PER_S for length, (a, b) in zip(lengths, spans, strict=True))


def test_segments_lie_where_the_sound_is_with_confidence(transcribe, heard_where):
    audio, spans = bursts(1.0, 2.5)
    heard_where(spans)
    segments = list(transcribe(audio, Hints()))
    assert segments
    for segment in segments:
        assert any(a == segment.start_s and segment.end_s == pytest.approx(b) for a, b in spans)
        assert 0 < segment.confidence <= 1


def test_the_first_piece_is_written_before_the_others_are_heard(transcribe, heard_where):
    audio, spans = bursts(1.0, 1.0, 1.0)
    taken = []

    def noted():
        for span in spans:
            taken.append(span)
            yield span

    heard_where(noted())
    segments = transcribe(audio, Hints())
    assert next(segments).start_s == 0
    assert len(taken) == 1
    segments.close()


@pytest.mark.parametrize("count", [0, 1, 80_000])
def test_silence_is_said_to_hold_no_speech(transcribe, count):
    with pytest.raises(NothingFound, match="no speech"):
        list(transcribe(Audio(np.zeros(count, np.float32), RATE_HZ), Hints()))


def test_another_language_and_translation_are_refused(folder):
    audio, _ = bursts(1.0)
    with opened(folder, languages=("en",)) as transcribe:
        with pytest.raises(UnsupportedLanguage, match="“zh”"):
            next(transcribe(audio, Hints(language="zh")))
        with pytest.raises(EngineError, match="does not translate"):
            next(transcribe(audio, Hints(task="translate")))
