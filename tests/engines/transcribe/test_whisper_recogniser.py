"""On a network that plays a script: what becomes of its answers, without weights."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiny.whisper import whisper_tokenizer
from vivavoce.engines.abilities import Span
from vivavoce.engines.options import Hints
from vivavoce.engines.transcribe.whisper_network import Alignment, Decoding, Draft
from vivavoce.engines.transcribe.whisper_recogniser import Recogniser, without_repeats
from vivavoce.engines.transcribe.whisper_vocabulary import Vocabulary
from vivavoce.errors import EngineError, NothingFound, OutOfMemory, UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio

RATE_HZ = 16_000


@dataclass
class Script:
    """Says what `says` returns for the loudness of a chunk and a temperature; keeps what it was asked."""

    vocabulary: Vocabulary
    says: object
    room: int = 1000
    languages: dict = field(default_factory=lambda: {"en": 0.6, "zh": 0.4})
    shapes: list = field(default_factory=list)
    openings: list = field(default_factory=list)
    limits: list = field(default_factory=list)
    bands: int = 80

    def encode(self, features):
        if len(features) > self.room:
            raise OutOfMemory("too much")
        self.shapes.append(features.shape)
        return features

    def detect(self, encoded):
        return [self.languages] * len(encoded)

    def write(self, encoded, opening, search):
        self.openings.append(list(opening))
        self.limits.append(search.most_tokens)
        loudness = [round(10 ** (row.max() * 4 - 4) / 4) for row in encoded]  # see `recording`
        drafts = [self.says(loud, search.temperature) for loud in loudness]
        return [Draft(self.vocabulary.tokenizer.encode(text).ids, mean, quiet) for text, mean, quiet in drafts]

    def align(self, encoded, opening, texts, frames):
        return [Alignment([n * 2 for n in range(len(text) + 1)], [0.5] * len(text)) for text in texts]


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    whisper_tokenizer().save(str(folder / "tokenizer.json"))
    return Vocabulary.of(folder)


def recording(lengths_s, pause_s=2.5):
    """Return noise of these lengths with pauses between, and a detector that finds where it is."""
    rng = np.random.default_rng(0)
    parts, spans, at_s = [], [], 0.0
    for length_s in lengths_s:
        parts += [np.zeros(int(pause_s * RATE_HZ)), rng.normal(0, 0.1, int(length_s * RATE_HZ))]
        spans.append((at_s + pause_s, at_s + pause_s + length_s))
        at_s = spans[-1][1]
    audio = Audio(np.concatenate([*parts, np.zeros(RATE_HZ)]).astype(np.float32), RATE_HZ)

    def detect(window):
        loud = np.abs(window.samples[:, 0]) > 0
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loud, [0]]).astype(int))).reshape(-1, 2)
        return [Span(a / RATE_HZ, b / RATE_HZ) for a, b in edges]

    return audio, detect


def recogniser(script, detect, languages=(), **decoding):
    return Recogniser(script, script.vocabulary, detect, languages, Decoding(**decoding))


def sure(text):
    return lambda loud, temperature: (text, -0.1, 0.0)


def test_chunks_of_many_lengths_come_out_in_order_with_times_of_the_recording(vocabulary):
    audio, detect = recording([7, 3, 12, 1, 9, 5, 15, 2, 8])
    script = Script(vocabulary, sure("ab cd."))
    segments = list(recogniser(script, detect, batch_size=2, margin_s=1.0)(audio, Hints(language="en")))
    assert [segment.text for segment in segments] == ["ab cd."] * 9
    starts = [segment.start_s for segment in segments]
    assert starts == sorted(starts)
    assert starts[1] == pytest.approx(7 + 2 * 2.5 - 0.25, abs=0.05)
    assert [word.text for word in segments[0].words] == ["ab", "cd."]
    assert segments[0].words[1].start_s == pytest.approx(starts[0] + 0.08)  # its first token is the third: frame 4
    assert segments[0].confidence == pytest.approx(np.exp(-0.1))


def test_windows_are_whole_and_packed_with_speech_unless_a_margin_is_set(vocabulary):
    audio, detect = recording([3, 3.5, 9, 20])
    script = Script(vocabulary, sure("ab"))
    assert len(list(recogniser(script, detect)(audio, Hints(language="en")))) == 2
    assert script.shapes == [(2, 80, 3000)]


def test_windows_end_a_margin_after_their_longest_chunk_not_at_30_s(vocabulary):
    audio, detect = recording([3, 3.5])
    script = Script(vocabulary, sure("ab"))
    list(recogniser(script, detect, margin_s=0.5)(audio, Hints(language="en")))
    assert script.shapes == [(2, 80, 450)]  # 3.5 s, a quarter of a second on each side, the margin


def test_the_first_text_comes_before_the_rest_is_worked_on(vocabulary):
    audio, detect = recording([7] * 12)
    script = Script(vocabulary, sure("ab"))
    segments = recogniser(script, detect, batch_size=2)(audio, Hints(language="en"))
    next(segments)
    assert len(script.shapes) == 1
    segments.close()
    assert len(script.shapes) == 1


def test_a_batch_too_large_for_the_device_is_halved(vocabulary):
    audio, detect = recording([7] * 5)
    script = Script(vocabulary, sure("ab"), room=2)
    assert len(list(recogniser(script, detect, margin_s=1.0)(audio, Hints(language="en")))) == 5
    assert max(shape[0] for shape in script.shapes) == 2
    with pytest.raises(OutOfMemory):
        list(recogniser(Script(vocabulary, sure("ab"), room=0), detect)(audio, Hints(language="en")))


def test_silence_never_reaches_the_model(vocabulary):
    script = Script(vocabulary, sure("Thanks for watching!"))
    model = recogniser(script, lambda window: [])
    for frames in (0, 1, 3600 * RATE_HZ // 10):
        with pytest.raises(NothingFound):
            list(model(Audio(np.zeros((frames, 1), np.float32), RATE_HZ), Hints()))
    assert not script.shapes


def test_text_that_the_model_itself_takes_for_silence_is_left_out(vocabulary):
    audio, detect = recording([3])
    script = Script(vocabulary, lambda loud, temperature: ("Thanks for watching!", -1.5, 0.9))
    with pytest.raises(NothingFound):
        list(recogniser(script, detect)(audio, Hints(language="en")))
    assert len(script.openings) == 1  # another temperature would not change it


def test_a_loop_is_written_again_at_a_higher_temperature(vocabulary):
    audio, detect = recording([3])
    script = Script(
        vocabulary, lambda loud, heat: ("ha " * 60, -0.2, 0.0) if heat < 0.5 else ("hello there", -0.9, 0.0)
    )
    (segment,) = recogniser(script, detect)(audio, Hints(language="en"))
    assert segment.text == "hello there"
    assert len(script.openings) == 3


def test_a_loop_that_no_temperature_ends_is_left_out_if_the_model_doubts_it(vocabulary):
    audio, detect = recording([3])
    doubted = Script(vocabulary, lambda loud, heat: ("ha " * 60, -1.2, 0.0))
    with pytest.raises(NothingFound):
        list(recogniser(doubted, detect)(audio, Hints(language="en")))


@pytest.mark.parametrize(("before", "loop"), [("So far so good.", " Thank you for watching."), ("", "哈哈")], ids=ascii)
def test_what_the_model_is_sure_of_but_says_over_and_over_is_said_twice_at_most(vocabulary, before, loop):
    audio, detect = recording([3])
    sure_of_it = Script(vocabulary, lambda loud, heat: (before + loop * 40, -0.15, 0.0))
    text = " ".join(s.text for s in recogniser(sure_of_it, detect)(audio, Hints(language="en")))
    assert text.startswith(before)
    assert 1 <= text.count(loop.strip()) <= 2
    assert "\ufffd" not in text


def test_a_loop_that_varies_is_left_out(vocabulary):
    audio, detect = recording([3])
    text = "".join(f"Thank you for watching number {number}. " for number in range(20))
    with pytest.raises(NothingFound):
        list(recogniser(Script(vocabulary, sure(text)), detect)(audio, Hints(language="en")))


@given(st.lists(st.integers(0, 2), max_size=30))
def test_nothing_is_said_three_times_in_a_row_without_repeats(tokens):
    found = without_repeats(tokens)
    for size in range(1, len(found) // 3 + 1):
        for at in range(len(found) - 3 * size + 1):
            assert not found[at : at + size] == found[at + size : at + 2 * size] == found[at + 2 * size : at + 3 * size]
    if not any(a == b == c for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False)) and len(tokens) < 6:
        assert found == tokens


def test_a_long_prompt_leaves_no_more_to_write_than_the_decoder_has_room_for(vocabulary):
    audio, detect = recording([20])
    script = Script(vocabulary, sure("ab"))
    list(recogniser(script, detect)(audio, Hints(language="en", prompt="x" * 222)))
    assert [len(opening) + limit for opening, limit in zip(script.openings, script.limits, strict=True)] == [448]


def test_a_prompt_and_hot_words_come_before_and_too_many_are_refused_at_once(vocabulary):
    audio, detect = recording([3])
    script = Script(vocabulary, sure("ab"))
    model = recogniser(script, detect)
    list(model(audio, Hints(language="en", prompt="So far.", hot_words=("Vivavoce", "Ada"))))
    opening = script.openings[0]
    assert opening[0] == vocabulary.number("startofprev")
    start = opening.index(vocabulary.start)
    assert vocabulary.text(opening[1:start]) == " Vivavoce, Ada, So far."
    assert vocabulary.text(opening[start:]) == "<|startoftranscript|><|en|><|transcribe|><|notimestamps|>"
    with pytest.raises(UsageError, match=r"224 tokens, over Whisper's limit of 223"):
        list(model(audio, Hints(language="en", prompt="x" * 223)))
    list(model(audio, Hints(language="en", prompt="x" * 222)))


def test_mandarin_is_prompted_for_simplified_characters_unless_the_caller_prompts(vocabulary):
    audio, detect = recording([3])
    script = Script(vocabulary, sure("ab"), languages={"en": 0.2, "zh": 0.8})
    list(recogniser(script, detect)(audio, Hints()))
    list(recogniser(script, detect)(audio, Hints(prompt="x")))
    list(recogniser(script, detect, languages=("zh",))(audio, Hints()))
    prompts = [vocabulary.text(opening[: opening.index(vocabulary.start)]) for opening in script.openings]
    assert "普通话" in prompts[0]
    assert prompts[1:] == ["<|startofprev|> x", ""]


def test_a_translation_is_asked_for_by_its_task(vocabulary):
    audio, detect = recording([3])
    script = Script(vocabulary, sure("ab"))
    list(recogniser(script, detect)(audio, Hints(language="zh", task="translate")))
    assert vocabulary.text(script.openings[0]) == "<|startoftranscript|><|zh|><|translate|><|notimestamps|>"


def test_languages_are_checked_and_the_only_one_needs_no_detection(vocabulary):
    audio, detect = recording([3])
    blind = Script(vocabulary, sure("ab"), languages={})
    with pytest.raises(UnsupportedLanguage, match="“xx”"):
        list(recogniser(blind, detect)(audio, Hints(language="xx")))
    with pytest.raises(UnsupportedLanguage, match="zh only, got “en”"):
        list(recogniser(blind, detect, languages=("zh",))(audio, Hints(language="en")))
    with pytest.raises(EngineError, match="name it"):
        list(recogniser(blind, detect)(audio, Hints()))
    assert list(recogniser(blind, detect, languages=("zh",))(audio, Hints()))


def test_an_english_only_model_translates_nothing_and_is_told_no_language(tmp_path):
    whisper_tokenizer(multilingual=False).save(str(tmp_path / "tokenizer.json"))
    vocabulary = Vocabulary.of(tmp_path)
    audio, detect = recording([3])
    script = Script(vocabulary, sure("ab"))
    model = recogniser(script, detect)
    with pytest.raises(EngineError, match="translates nothing"):
        list(model(audio, Hints(task="translate")))
    assert list(model(audio, Hints()))
    assert vocabulary.text(script.openings[0]) == "<|startoftranscript|><|notimestamps|>"


def test_sentences_become_segments_and_chinese_words_are_characters(vocabulary):
    audio, detect = recording([12])
    english = Script(vocabulary, sure('He said: "Go." Then (they) left.'))
    segments = list(recogniser(english, detect)(audio, Hints(language="en")))
    assert [segment.text for segment in segments] == ['He said: "Go."', "Then (they) left."]
    assert [word.text for word in segments[1].words] == ["Then", "(they)", "left."]
    (segment,) = recogniser(Script(vocabulary, sure("你好，世界。")), detect)(audio, Hints(language="zh"))
    assert segment.text == "你好，世界。"
    assert [word.text for word in segment.words] == ["你", "好，", "世", "界。"]


def test_what_may_be_written_is_bounded_by_the_length_of_the_sound(vocabulary):
    audio, detect = recording([2.5])
    script = Script(vocabulary, sure("ab"))
    list(recogniser(script, detect, tokens_per_s=10)(audio, Hints(language="en")))
    assert script.limits == [30]  # 2.5 s and a quarter on each side
