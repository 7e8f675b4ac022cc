"""Against the plain library on the same random weights; what it shares with models that look is in see/test_looking."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tiny.omni import qwen2_5_omni, qwen3_omni
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.engines.omni.qwen_omni import CLASSES, engines, load, load_whole
from vivavoce.engines.omni.voices import voices_of
from vivavoce.engines.options import Hints, Voice
from vivavoce.errors import EmptyInput, NothingFound, NotReady, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.text import Text

LIKELIEST = ChatOptions(temperature=0, max_tokens=30)
PROMPT = "<|im_start|>user\n{seen}{heard}{text}<|im_end|>\n<|im_start|>assistant\n"


def picture(seed=0, height=40, width=60):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def sound(seconds=1.0, seed=0, rate_hz=16_000):
    samples = np.random.default_rng(seed).normal(0, 0.1, (int(seconds * rate_hz), 1))
    return Audio(samples.astype(np.float32), rate_hz)


@pytest.fixture(scope="module", params=[qwen2_5_omni, qwen3_omni])
def checkpoint(request, tmp_path_factory):
    folder = request.param(tmp_path_factory.mktemp("omni"))
    return Checkpoint(alias="tiny", engine="qwen-omni", folder=str(folder), into=("en", "zh"), languages=("en", "zh"))


@pytest.fixture(scope="module")
def seer(checkpoint):
    with load(checkpoint, "cpu") as held:
        yield held


def engine(checkpoint, ability, **settings):
    found = next(e for e in engines(checkpoint) if e.card.ability is ability)
    return replace(found, **settings)


@pytest.fixture(scope="module")
def transcribe(checkpoint):
    with engine(checkpoint, Ability.TRANSCRIBE, max_tokens=8).open("cpu") as listener:
        yield listener


@pytest.fixture(scope="module")
def speak(checkpoint):
    with engine(checkpoint, Ability.SPEAK, codes_a_character=2, codes_besides=10).open("cpu") as reader:
        yield reader


def plain(folder, text, images, sounds):
    """Prepare sounds as the library's processor does, filled up to its full 30 s, and write with its own calls."""
    import torch
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder)
    torch.manual_seed(0)  # the weights were drawn like this, so loading them is tested too
    model = getattr(transformers, CLASSES[config.model_type])(config).thinker.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    inputs, seen, heard = {}, "", ""
    if images:
        inputs = dict(
            transformers.Qwen2VLImageProcessorPil.from_pretrained(folder)(
                images=[image.pillow() for image in images], return_tensors="pt"
            )
        )
        for grid in inputs["image_grid_thw"]:
            seen += f"<|vision_bos|>{'<|IMAGE|>' * (int(grid.prod()) // 4)}<|vision_eos|>"
    if sounds:
        features = transformers.WhisperFeatureExtractor.from_pretrained(folder)(
            [audio.at(16_000) for audio in sounds],
            sampling_rate=16_000,
            padding="max_length",
            return_attention_mask=True,
            return_tensors="pt",
        )
        inputs |= {"input_features": features.input_features, "feature_attention_mask": features.attention_mask}
        for frames in features.attention_mask.sum(-1):
            heard += f"<|audio_bos|>{'<|AUDIO|>' * count_features(config, frames)}<|audio_eos|>"
    words = tokenizer(PROMPT.format(seen=seen, heard=heard, text=text), return_tensors="pt")
    with torch.inference_mode():
        ids = model.generate(**words, **inputs, max_new_tokens=30, do_sample=False, eos_token_id=tokenizer.eos_token_id)
    return tokenizer.decode(ids[0, words.input_ids.shape[1] :], skip_special_tokens=True)


def count_features(config, frames):
    """Ask the library; it counts in the model of one and in a function of the other."""
    from transformers.models.qwen3_omni_moe.modeling_qwen3_omni_moe import _get_feat_extract_output_lengths

    if config.model_type == "qwen3_omni_moe":
        return int(_get_feat_extract_output_lengths(frames))
    return int(((frames - 1) // 2 + 1 - 2) // 2 + 1)


@pytest.mark.parametrize(
    ("images", "sounds"),
    [((), ()), ((picture(),), ()), ((), (sound(3),)), ((picture(),), (sound(1), sound(2, 1)))],
    ids=["text", "picture", "sound", "all"],
)
def test_it_writes_what_the_library_writes(checkpoint, seer, images, sounds):
    message = Message("user", "What is this?", images=images, sounds=sounds)
    ours = "".join(seer.write([message], LIKELIEST))
    assert ours == plain(checkpoint.folder, "What is this?", images, sounds)
    assert len(ours) > 3


@pytest.mark.parametrize("audio", [Audio(np.zeros((1, 2), np.float32), 44_100), sound(0.0), sound(2, rate_hz=8000)])
def test_sounds_of_any_length_rate_and_channels_are_heard(seer, audio):
    assert "".join(seer.write([Message("user", "Hm?", sounds=(audio,))], LIKELIEST))


def test_sounds_of_unlike_length_are_heard_together_as_alone(seer):
    asked = [[Message("user", "Hm?", sounds=(sound(s, int(s * 10)),))] for s in (0.3, 4.0, 1.7)]
    together = seer.write_each(asked, 12)
    assert together == [seer.write_each([conversation], 12)[0] for conversation in asked]
    assert len(set(together)) > 1


def test_silence_is_not_written_down(transcribe):
    with pytest.raises(NothingFound, match=r"no speech in 3\.0 s of sound"):
        list(transcribe(Audio(np.zeros((48_000, 1), np.float32), 16_000), Hints()))


@pytest.mark.data
def test_speech_is_written_down_where_it_is(transcribe, data):
    from vivavoce.media.gateway import open_value

    clip = open_value(sorted((data / "librispeech").glob("*.opus"))[0])
    segments = list(transcribe(clip, Hints(language="en")))
    assert segments
    assert all(0 <= s.start_s < s.end_s <= clip.duration_s for s in segments)
    assert [s.start_s for s in segments] == sorted(s.start_s for s in segments)


def test_a_language_that_it_does_not_know_is_refused(transcribe):
    with pytest.raises(UnsupportedLanguage, match="does not know the language “fr”"):
        next(transcribe(sound(), Hints(language="fr")))


def test_what_is_asked_depends_on_the_hints(checkpoint):
    listener = engine(checkpoint, Ability.TRANSCRIBE)
    assert listener._prompt(Hints(language="zh")) == "请将这段中文语音转换为纯文本。"
    assert listener._prompt(Hints(language="en")) == "Transcribe the English audio into text."
    assert "translate it into English" in listener._prompt(Hints(task="translate"))
    assert listener._prompt(Hints(hot_words=("Ada", "Babbage"))).endswith("Words that may occur: Ada, Babbage.")


def test_text_is_read_aloud_sentence_by_sentence(speak):
    parts = list(speak(Text("Hello there. How are you?", "en"), Voice()))
    assert [part.transcript.text for part in parts] == ["Hello there.", "How are you?"]
    assert {part.rate_hz for part in parts} == {24_000}
    assert all(part.duration_s > 0.1 and np.abs(part.samples).max() > 0 for part in parts)


def test_what_is_spoken_is_the_text_and_nothing_else(checkpoint, monkeypatch):
    """The reply of the model is held to the text: the talker hears of these tokens and no others."""
    written = []
    with load_whole(checkpoint, "cpu") as (whole, seer):
        generate = whole.thinker.generate

        def spied(*arguments, **settings):
            given = generate(*arguments, **settings)
            written.append(given.sequences[0, settings["input_ids"].shape[1] :].tolist())
            return given

        monkeypatch.setattr(whole.thinker, "generate", spied)
        with engine(checkpoint, Ability.SPEAK, codes_a_character=1, codes_besides=5).open("cpu") as speak:
            list(speak(Text("Good morning.", "en"), Voice()))
        assert [seer.tokenizer.decode(ids, skip_special_tokens=True) for ids in written] == ["Good morning."]


def test_each_voice_sounds_different(checkpoint, speak):
    import torch

    names = list(voices_of(Path(checkpoint.folder), "tiny"))
    assert sorted(name.lower() for name in names) == ["chelsie", "ethan"]

    def spoken(name):
        torch.manual_seed(0)
        return next(speak(Text("Hello.", "en"), Voice(name=name))).samples

    assert np.array_equal(spoken(names[0]), spoken(""))
    first, second = spoken(names[0]), spoken(names[1])
    assert first.shape != second.shape or not np.array_equal(first, second)


def test_an_unknown_voice_is_refused_with_those_there_are(speak):
    with pytest.raises(UnknownVoice, match="(?i)no voice “Nobody”; choose one of .*ethan"):
        next(speak(Text("Hello.", "en"), Voice(name="Nobody")))


def test_nothing_to_say_is_an_error_of_ours(speak):
    with pytest.raises(EmptyInput):
        list(speak(Text("...", "en"), Voice()))


def test_without_voices_the_error_names_the_command(checkpoint, tmp_path):
    with pytest.raises(NotReady, match=r"python -m vivavoce\.engines\.omni\.voices spk_dict\.pt"):
        with engine(replace(checkpoint, folder=str(tmp_path)), Ability.SPEAK).open("cpu"):
            pass


def test_all_engines_use_the_same_weights(checkpoint):
    with load_whole(checkpoint, "cpu") as (whole, seer), load(checkpoint, "cpu") as other:
        assert whole.thinker is seer.model is other.model
