"""On checkpoints with random weights: what they hear means nothing; emissions, masks, times and errors are tested."""

import numpy as np
import pytest
import torch
import transformers

from tiny import recognisers as tiny
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.transcribe.ctc import engines
from vivavoce.engines.transcribe.ctc_emissions import Emissions
from vivavoce.engines.transcribe.ctc_text import Alphabet, likeliest, words
from vivavoce.errors import EngineError, NothingFound, NotReady, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

ARCHITECTURES = (
    tiny.wav2vec2,
    tiny.wav2vec2_layered,
    tiny.hubert,
    tiny.hubert_grouped,
    tiny.wavlm,
    tiny.wavlm_adapted,
    tiny.wav2vec2_bert,
    tiny.wav2vec2_bert_adapted,
)
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def speech():
    with Espeak().open("cpu") as speak:
        said = Audio.join(list(speak(Text("Good morning. Is anybody there?", "en"), Voice()))).resampled(RATE_HZ)
    pause = Audio(np.zeros(int(2.5 * RATE_HZ), np.float32), RATE_HZ)
    return Audio.join([said, pause, Audio.join([said, said]), pause, said, pause, said])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {build.__name__: build(tmp_path_factory.mktemp(build.__name__)) for build in ARCHITECTURES}


@pytest.fixture(params=[build.__name__ for build in ARCHITECTURES])
def folder(request, folders):
    return folders[request.param]


@pytest.fixture(scope="module")
def transcribe(folders):
    with opened(folders["wav2vec2"]) as ability:
        yield ability


def opened(folder, **settings):
    (engine,) = engines(Checkpoint(alias="tiny", engine="ctc", folder=str(folder), **settings))
    return engine.open("cpu")


def parts_of(folder):
    return (
        transformers.AutoModelForCTC.from_pretrained(folder).eval(),
        transformers.AutoFeatureExtractor.from_pretrained(folder),
        transformers.AutoTokenizer.from_pretrained(folder),
    )


def noise(seconds, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


def plain_call(model, extractor, samples):
    """Return what transformers gives for one unpadded recording, log-probabilities [frames, tokens]."""
    inputs = extractor(samples, sampling_rate=RATE_HZ, return_tensors="pt")
    with torch.inference_mode():
        logits = model(**inputs).logits[0]
        heard = inputs["attention_mask"].sum() if model.main_input_name == "input_features" else None
        kept = len(logits) if heard is None else int(model._get_feat_extract_output_lengths(heard))
    return torch.log_softmax(logits[:kept], -1).numpy()


def test_emissions_equal_those_of_the_plain_library_whatever_they_are_batched_with(folder):
    model, extractor, _ = parts_of(folder)
    pieces = [noise(seconds, seed) for seed, seconds in enumerate((1.0, 2.71, 0.32, 1.4441))]
    emissions = Emissions(model, extractor, "cpu")
    if emissions.alone:
        together = [emissions([piece])[0] for piece in pieces]
    else:
        together = emissions(pieces)
    for ours, piece in zip(together, pieces, strict=True):
        theirs = plain_call(model, extractor, piece)
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_naive_padding_would_change_what_a_group_normed_model_hears(folders):
    """Else the test above would prove nothing for the models whose first layer sees the whole recording."""
    model, extractor, _ = parts_of(folders["wav2vec2"])
    long, short = noise(2.71), noise(1.0, 1)
    inputs = extractor([long, short], sampling_rate=RATE_HZ, padding=True, return_tensors="pt")
    with torch.inference_mode():
        padded = torch.log_softmax(model(inputs["input_values"]).logits[1], -1).numpy()
    alone = plain_call(model, extractor, short)
    assert np.abs(padded[: len(alone)] - alone).max() > 0.1


def test_a_frame_lasts_as_long_as_the_model_says(folder):
    model, extractor, _ = parts_of(folder)
    emissions = Emissions(model, extractor, "cpu")
    assert len(emissions([noise(10)])[0]) * emissions.frame_s == pytest.approx(10, abs=0.05)


def test_greedy_text_and_word_times_equal_those_of_the_tokenizer(folders):
    for name in ("wav2vec2", "hubert_grouped", "wav2vec2_bert"):
        model, extractor, tokenizer = parts_of(folders[name])
        emissions = Emissions(model, extractor, "cpu")
        (log_probs,) = emissions([noise(3)])
        alphabet = Alphabet.of(tokenizer)
        ours = words(likeliest(log_probs, alphabet), alphabet, emissions.frame_s, "en")
        theirs = tokenizer.decode(log_probs.argmax(-1), output_word_offsets=True)
        assert " ".join(word.text for word in ours) == theirs.text.strip().lower()
        frames = [(round(w.start_s / emissions.frame_s), round(w.end_s / emissions.frame_s)) for w in ours]
        assert frames == [(w["start_offset"], w["end_offset"]) for w in theirs.word_offsets]


def test_words_lie_inside_the_audio_in_order_with_confidence(folder, speech):
    with opened(folder) as transcribe:
        segments = list(transcribe(speech, Hints()))
    heard = [word for segment in segments for word in segment.words]
    assert len(segments) > 2 and len(heard) > 2
    assert all(0 <= word.start_s < word.end_s <= speech.duration_s for word in heard)
    assert all(0 <= word.confidence <= 1 for word in heard)
    assert all(a.end_s <= b.start_s for a, b in zip(heard, heard[1:], strict=False))


def test_what_is_heard_does_not_depend_on_how_much_goes_together(folders, speech, monkeypatch):
    def heard():
        with opened(folders["wav2vec2"]) as transcribe:
            return [segment.text for segment in transcribe(speech, Hints())]

    alone = heard()
    monkeypatch.setattr("vivavoce.engines.transcribe.ctc.TOGETHER", {"cpu": 4})
    assert alone == heard()


def test_the_first_segment_comes_before_the_rest_is_heard(transcribe, speech, monkeypatch):
    calls = []
    plain = Emissions.__call__
    monkeypatch.setattr(Emissions, "__call__", lambda self, pieces: calls.append(len(pieces)) or plain(self, pieces))
    segments = transcribe(speech, Hints())
    assert next(segments).end_s < speech.duration_s / 3
    assert calls == [1]
    segments.close()
    assert calls == [1]


def test_in_chinese_each_character_is_a_word_and_no_space_is_written(folders, speech):
    with opened(folders["wav2vec2_layered"], languages=("zh",)) as transcribe:
        segment = next(transcribe(speech, Hints()))
    assert " " not in segment.text
    assert [word.text for word in segment.words] == list(segment.text)


def test_a_model_of_capitals_writes_small_letters(transcribe, speech):
    assert next(transcribe(speech, Hints())).text.islower()


def test_any_rate_and_stereo_are_heard_alike(transcribe, speech):
    stereo = Audio(np.repeat(speech.samples, 2, axis=1), RATE_HZ)
    said = [segment.text for segment in transcribe(speech, Hints())]
    assert said == [segment.text for segment in transcribe(stereo, Hints())]
    assert list(transcribe(speech.resampled(48_000), Hints()))


@pytest.mark.parametrize("count", [0, 1, 80_000])
def test_silence_is_said_to_hold_no_speech(transcribe, count):
    with pytest.raises(NothingFound, match="no speech"):
        list(transcribe(Audio(np.zeros(count, np.float32), RATE_HZ), Hints()))


def test_a_language_the_model_does_not_know_is_refused(folders, speech):
    with opened(folders["wav2vec2"], languages=("en",)) as transcribe:
        with pytest.raises(UnsupportedLanguage, match=r"“zh”; give one of en"):
            next(transcribe(speech, Hints(language="zh")))


def test_translation_is_refused_with_the_model_to_pull(transcribe, speech):
    with pytest.raises(EngineError, match="viva models pull"):
        next(transcribe(speech, Hints(task="translate")))


def test_a_folder_without_a_tokenizer_is_refused(folders, tmp_path):
    for file in folders["wav2vec2"].iterdir():
        if "vocab" not in file.name and "token" not in file.name:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(EngineError, match="no tokenizer of a CTC model"), opened(tmp_path):
        pass


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    (engine,) = engines(Checkpoint(alias="wav2vec2-base", engine="ctc", repository="facebook/wav2vec2-base-960h"))
    with pytest.raises(NotReady, match="viva models pull wav2vec2-base"), engine.open("cpu"):
        pass
