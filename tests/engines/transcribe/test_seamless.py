"""On a checkpoint with random weights: what it says means nothing; wiring, masks, languages and errors are tested."""

import numpy as np
import pytest
import torch
import transformers

from tiny import recognisers as tiny
from vivavoce.engines import sharing
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.transcribe import pieces as cutting
from vivavoce.engines.transcribe.seamless import Seamless, engines
from vivavoce.errors import EngineError, NothingFound, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Segment, Text

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.seamless(tmp_path_factory.mktemp("seamless"))


@pytest.fixture(scope="module")
def three(folder):
    return engines(Checkpoint(alias="tiny", engine="seamless-m4t-v2", folder=str(folder)))


@pytest.fixture(scope="module")
def abilities(three):
    recogniser, translator, speaker = three
    with recogniser.open("cpu") as transcribe, translator.open("cpu") as translate, speaker.open("cpu") as speak:
        yield transcribe, translate, speak


@pytest.fixture(scope="module")
def plain(folder):
    """Return the model and its processor as transformers loads them."""
    model = transformers.SeamlessM4Tv2Model.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return model, tokenizer, transformers.AutoFeatureExtractor.from_pretrained(folder)


def noise(seconds, seed):
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE_HZ)).astype(np.float32)


@pytest.fixture
def recording(monkeypatch):
    """Return three stretches of noise; where they lie stands in for what a detector would find."""
    parts = [noise(1.0, 1), noise(2.5, 2), noise(0.7, 3), noise(1.91, 4)]
    ends = np.cumsum([len(part) for part in parts])

    def pieces(detect_speech, samples):
        for part, end in zip(parts, ends, strict=True):
            yield cutting.Piece(part, (end - len(part)) / RATE_HZ, len(part) / RATE_HZ)

    monkeypatch.setattr(cutting, "pieces", pieces)
    return Audio(np.concatenate(parts), RATE_HZ), parts


def test_pieces_in_one_batch_equal_the_plain_call_on_each(abilities, plain, recording):
    audio, parts = recording
    model, tokenizer, extractor = plain
    expected = []
    for part in parts:
        inputs = extractor(part, sampling_rate=RATE_HZ, return_tensors="pt")
        with torch.inference_mode():
            ids = model.generate(**inputs, tgt_lang="deu", generate_speech=False).sequences
        expected.append(tokenizer.decode(ids[0], skip_special_tokens=True).strip())
    said = [segment.text for segment in abilities[0](audio, Hints(language="de"))]
    assert said == [text for text in expected if text]
    assert len(set(expected)) > 1


def test_the_language_and_the_task_choose_what_is_written(abilities, recording):
    audio, _ = recording
    german = [segment.text for segment in abilities[0](audio, Hints(language="de"))]
    english = [segment.text for segment in abilities[0](audio, Hints(language="en"))]
    translated = [segment.text for segment in abilities[0](audio, Hints(language="de", task="translate"))]
    assert german != english
    assert translated == english


def test_sentences_are_translated_as_by_the_plain_call(abilities, plain):
    model, tokenizer, _ = plain
    text = "Hello there.\nIs it a fine day today?"
    expected = []
    for line in text.splitlines():
        inputs = tokenizer(line, src_lang="eng", return_tensors="pt")
        with torch.inference_mode():
            ids = model.generate(**inputs, tgt_lang="fra", generate_speech=False).sequences
        expected.append(tokenizer.decode(ids[0], skip_special_tokens=True).strip())
    done = abilities[1](Text(text, "en"), "fr")
    assert done.text.splitlines() == expected
    assert done.language == "fr"


def test_a_transcript_keeps_its_times(abilities):
    segments = (Segment("Hello there.", 0.5, 1.5), Segment("A fine day.", 2.0, 3.0))
    done = abilities[1](Text("Hello there. A fine day.", "en", segments), "zh")
    assert [(s.start_s, s.end_s) for s in done.segments] == [(0.5, 1.5), (2.0, 3.0)]


def test_speech_says_the_words_of_the_text_and_no_others(abilities, plain, monkeypatch):
    _, tokenizer, _ = plain
    heard = []
    made = transformers.SeamlessM4Tv2Model.generate

    def noted(self, **settings):
        if "speaker_id" in settings:
            heard.append(made(self, **settings, return_intermediate_token_ids=True).sequences[0].tolist())
        return made(self, **settings)

    monkeypatch.setattr(transformers.SeamlessM4Tv2Model, "generate", noted)
    (audio,) = abilities[2](Text("hello there", "en"), Voice())
    assert heard == [[3, *tokenizer("hello there", src_lang="eng")["input_ids"]]]
    assert audio.rate_hz == 16_000
    assert audio.duration_s > 0.1
    assert audio.transcript.text == "hello there"


def test_speech_comes_sentence_by_sentence_in_the_voice_asked_for(abilities):
    speak = abilities[2]
    parts = list(speak(Text("Hello there. It is a fine day.", "en"), Voice()))
    assert [part.transcript.text for part in parts] == ["Hello there.", "It is a fine day."]
    (first,) = speak(Text("hello", "en"), Voice(name="0"))
    (second,) = speak(Text("hello", "en"), Voice(name="2"))
    assert first.digest() != second.digest()


@pytest.mark.parametrize("name", ["3", "anna", "-1"])
def test_an_unknown_voice_is_refused_with_those_there_are(abilities, name):
    with pytest.raises(UnknownVoice, match="choose one of 0, 1, 2"):
        next(abilities[2](Text("hello", "en"), Voice(name=name)))


def test_a_language_with_text_alone_is_not_spoken(abilities):
    with pytest.raises(UnsupportedLanguage, match="does not speak ar"):
        next(abilities[2](Text("hello", "ar"), Voice()))


def test_unknown_languages_are_refused_in_every_ability(abilities, recording):
    transcribe, translate, _ = abilities
    with pytest.raises(UnsupportedLanguage, match="“xx”"):
        next(transcribe(recording[0], Hints(language="xx")))
    with pytest.raises(UnsupportedLanguage, match="into “xx”"):
        translate(Text("hello", "en"), "xx")
    with pytest.raises(UnsupportedLanguage, match="from “xx”"):
        translate(Text("hello", "xx"), "en")
    with pytest.raises(UnsupportedLanguage, match="must be told"):
        next(transcribe(recording[0], Hints()))


def test_codes_are_iso_639_1_outside_whatever_they_are_inside(plain):
    model, tokenizer, extractor = plain
    seamless = Seamless(model, tokenizer, extractor, "cpu")
    assert set(seamless.languages) == {"en", "zh", "zh-hant", "de", "fr", "ar", "zu"}
    assert seamless.token("zh-CN", "tiny") == tokenizer.convert_tokens_to_ids("__cmn__")


def test_silence_is_said_to_hold_no_speech(abilities):
    with pytest.raises(NothingFound, match="no speech"):
        next(abilities[0](Audio(np.zeros(80_000, np.float32), RATE_HZ), Hints(language="en")))


def test_three_engines_hold_the_weights_once_and_free_them(three, abilities, folder):
    keys = [key for key in sharing._held if key[0] == "seamless" and key[1] == folder]
    assert len(keys) == 1
    assert sharing._held[keys[0]].users == 3


def test_cards_tell_the_abilities_apart_and_speak_only_what_the_vocoder_knows():
    known = Checkpoint(alias="m4t", engine="seamless-m4t-v2", folder="x", languages=("en", "zu"), into=("en", "zu"))
    cards = [engine.card for engine in engines(known)]
    assert [card.name for card in cards] == ["m4t", "m4t/translate", "m4t/speak"]
    assert [card.ability for card in cards] == [Ability.TRANSCRIBE, Ability.TRANSLATE, Ability.SPEAK]
    assert cards[1].into == ("en", "zu")
    assert cards[2].languages == ("en",)


def test_a_model_without_its_table_of_languages_is_refused(folder, tmp_path):
    for file in folder.iterdir():
        if file.name != "generation_config.json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (engine, *_) = engines(Checkpoint(alias="tiny", engine="seamless-m4t-v2", folder=str(tmp_path)))
    with pytest.raises(EngineError, match="lacks the table of languages"), engine.open("cpu"):
        pass
