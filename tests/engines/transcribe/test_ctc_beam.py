"""The beam search against every path there is, and its language model against figures by hand."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiny import recognisers as tiny
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.transcribe import ctc_beam
from vivavoce.engines.transcribe.ctc import engines
from vivavoce.engines.transcribe.ctc_beam import BeamSearch, HotWords, hot_phrases
from vivavoce.engines.transcribe.ctc_language_model import language_model
from vivavoce.engines.transcribe.ctc_text import Alphabet, aligned, likeliest, words
from vivavoce.errors import EngineError
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

ALPHABET = Alphabet(("<pad>", "|", "a", "b"), 0, 1, frozenset())
ARPA = """\\data\\
ngram 1=6
ngram 2=4

\\1-grams:
-1.0\t<unk>
0\t<s>\t-0.3
-1.2\t</s>
-0.8\tab\t-0.4
-0.9\tba\t-0.2
-2.0\tb\t-0.1

\\2-grams:
-0.2\t<s> ab
-0.3\tab ba
-0.5\tba </s>
-1.5\tab </s>

\\end\\
"""


class NoScore:
    def start(self):
        return None

    def word(self, state, word):
        return None, 0.0

    def beginning(self, state, letters):
        return 0.0

    def end(self, state):
        return 0.0


class Liking:
    """Likes some words; the state is the words so far."""

    def __init__(self, likes):
        self.likes = likes

    def start(self):
        return ()

    def word(self, state, word):
        return (*state, word), self.likes.get(word, -1.0)

    def beginning(self, state, letters):
        return 0.0

    def end(self, state):
        return -0.5 * len(state)


def emissions(seed, frames, tokens=4):
    raw = np.random.default_rng(seed).normal(0, 1.0, (frames, tokens))
    return (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)


def spelled(path):
    return tuple(token for token, _ in itertools.groupby(path) if token != 0)


def score_of(text, scorer):
    written = "".join(ALPHABET.tokens[token] for token in text)
    state, total = scorer.start(), 0.0
    for word in (word for word in written.split("|") if word):
        state, score = scorer.word(state, word)
        total += score
    return total + scorer.end(state)


def best_by_hand(log_probs, scorer):
    """Add up every path; return the texts with their scores."""
    totals = {}
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        text = spelled(path)
        weight = float(sum(log_probs[frame, token] for frame, token in enumerate(path)))
        totals[text] = np.logaddexp(totals.get(text, -math.inf), weight)
    return {text: total + score_of(text, scorer) for text, total in totals.items()}


@pytest.mark.parametrize("scorer", [NoScore(), Liking({"ab": 1.5, "b": 0.7})], ids=["bare", "with words"])
@pytest.mark.parametrize("seed", range(12))
def test_a_wide_search_finds_the_best_of_all_texts(seed, scorer, monkeypatch):
    monkeypatch.setattr(ctc_beam, "TOKEN_FLOOR", -100.0)
    monkeypatch.setattr(ctc_beam, "BEAM_RANGE", 1000.0)
    log_probs = emissions(seed, 6)
    found = tuple(BeamSearch(alphabet=ALPHABET, scorer=scorer, width=100_000)(log_probs))
    totals = best_by_hand(log_probs, scorer)
    assert totals[found] == pytest.approx(max(totals.values()), abs=1e-4)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_certain_emissions_give_the_path_they_show(path):
    log_probs = np.full((len(path), 4), -20.0, np.float32)
    log_probs[np.arange(len(path)), path] = 0.0
    found = BeamSearch(alphabet=ALPHABET, scorer=NoScore())(log_probs)
    assert tuple(found) == spelled(path)
    assert [one.token for one in likeliest(log_probs, ALPHABET)] == found
    assert aligned(log_probs, found, ALPHABET) == likeliest(log_probs, ALPHABET)


@given(st.integers(0, 10_000), st.integers(1, 12), st.lists(st.integers(1, 3), max_size=6))
def test_an_alignment_spells_its_text_in_order_inside_the_frames(seed, spare, text):
    needed = len(text) + sum(a == b for a, b in itertools.pairwise(text))
    found = aligned(emissions(seed, needed + spare), text, ALPHABET)
    assert [one.token for one in found] == text
    assert all(a.start < a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(0 <= one.start < one.end <= needed + spare for one in found)


def test_a_hot_word_wins_where_the_sound_leaves_it_open():
    log_probs = np.log(np.array([[0.05, 0.05, 0.8, 0.1], [0.1, 0.05, 0.45, 0.4]], np.float32))
    plain = BeamSearch(alphabet=ALPHABET, scorer=NoScore())(log_probs)
    hot = BeamSearch(alphabet=ALPHABET, scorer=HotWords((("ab",),)))(log_probs)
    assert [ALPHABET.tokens[token] for token in plain] == ["a"]
    assert [ALPHABET.tokens[token] for token in hot] == ["a", "b"]


def test_a_hot_word_that_nobody_says_is_not_heard():
    log_probs = np.full((4, 4), -25.0, np.float32)
    log_probs[:, 2] = 0.0
    assert BeamSearch(alphabet=ALPHABET, scorer=HotWords((("bb",),)))(log_probs) == [2]


def test_hot_words_are_written_as_the_model_writes():
    capitals = Alphabet(("<pad>", "|", "A", "B"), 0, 1, frozenset())
    both = Alphabet(("<pad>", "|", "A", "b"), 0, 1, frozenset())
    assert hot_phrases(["ab Ba", " ", "a"], capitals, False) == (("AB", "BA"),)
    assert hot_phrases(["Ab"], ALPHABET, False) == (("ab",),)
    assert hot_phrases(["Ab"], both, False) == (("Ab",),)
    assert hot_phrases(["你 好", "好"], ALPHABET, True) == (("你", "好"),)


HANZI = Alphabet(("<pad>", "北", "京", "背", "我"), 0, None, frozenset())


def heard(rows, *phrases):
    """Search frames, given as probabilities of tokens that are not the blank."""
    log_probs = np.full((len(rows), 5), 1e-6)
    for frame, row in enumerate(rows):
        for letter, probability in row.items():
            log_probs[frame, HANZI.tokens.index(letter)] = probability
        log_probs[frame, 0] = 1 - sum(row.values())
    scorer = HotWords(hot_phrases(phrases, HANZI, True)) if phrases else NoScore()
    found = BeamSearch(alphabet=HANZI, scorer=scorer, each=True)(np.log(log_probs).astype(np.float32))
    return "".join(HANZI.tokens[token] for token in found)


def test_a_chinese_phrase_wins_where_the_sound_leaves_it_open():
    rows = [{"我": 0.95}, {"背": 0.55, "北": 0.4}, {"京": 0.9}]
    assert heard(rows) == "我背京"
    assert heard(rows, "北京") == "我北京"


def test_a_chinese_phrase_that_nobody_says_is_not_heard_again_and_again():
    rows = [{"我": 0.98}] + [{"北": 0.012}, {}, {"京": 0.012}, {}] * 10
    assert heard(rows, "北京") == heard(rows) == "我"


def test_a_character_of_a_phrase_gains_nothing_alone():
    rows = [{"背": 0.55, "北": 0.4}, {}, {"我": 0.95}]
    assert heard(rows, "北京") == heard(rows, "北") == heard(rows) == "背我"


phrases = st.lists(st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=3).map(tuple), min_size=1)


@given(phrases, st.lists(st.sampled_from(["a", "b", "ab", "c"]), max_size=12))
def test_a_text_gains_nothing_but_the_bonus_of_the_whole_phrases_in_it(phrases, said):
    scorer = HotWords(tuple(phrases))
    state, total, ends = scorer.start(), 0.0, 0
    for at, word in enumerate(said, 1):
        state, score = scorer.word(state, word)
        total += score
        ends += any(tuple(said[at - len(phrase) : at]) == phrase for phrase in phrases if len(phrase) <= at)
    total += scorer.end(state)
    assert -1e-9 <= total <= 8 * ends + 1e-9
    assert (total > 1e-9) == bool(ends)


def test_a_phrase_of_words_gathers_its_bonus_letter_by_letter_and_loses_it_where_it_breaks_off():
    scorer = HotWords((("new", "york"),))
    state, score = scorer.word(scorer.start(), "new")
    assert score == pytest.approx(8 * 3 / 7)
    assert score + scorer.beginning(state, "yo") == pytest.approx(8 * 5 / 7)
    assert score + scorer.beginning(state, "d") == pytest.approx(0)
    assert score + scorer.word(state, "york")[1] == pytest.approx(8)
    assert score + scorer.word(state, "day")[1] == pytest.approx(0)
    assert score + scorer.end(state) == pytest.approx(0)


@pytest.fixture
def arpa(tmp_path):
    (tmp_path / "language_model").mkdir()
    (tmp_path / "language_model" / "3gram.arpa").write_text(ARPA)
    return tmp_path


def test_the_language_model_scores_as_its_file_says(arpa):
    (arpa / "language_model" / "attrs.json").write_text('{"alpha": 0.5, "beta": 2.0, "unk_score_offset": -7}')
    model = language_model(arpa)
    state, first = model.word(model.start(), "ab")
    assert first == pytest.approx(0.5 * -0.2 * math.log(10) + 2)
    after, second = model.word(state, "ba")
    assert second == pytest.approx(0.5 * -0.3 * math.log(10) + 2)
    assert model.end(after) == pytest.approx(0.5 * -0.5 * math.log(10))
    _, unknown = model.word(state, "aa")
    assert unknown == pytest.approx(0.5 * (-0.4 - 1.0) * math.log(10) + 2 - 7)
    assert (model.beginning(state, "a"), model.beginning(state, "aa")) == (0.0, -7)


def test_an_unknown_word_costs_more_the_longer_it_is_so_that_words_do_not_grow_together(arpa):
    model = language_model(arpa)
    start = model.start()
    assert model.beginning(start, "x" * 18) == pytest.approx(3 * model.beginning(start, "x" * 6))
    (_, short), (_, long) = model.word(start, "x" * 6), model.word(start, "x" * 18)
    assert long == pytest.approx(short - 20)


def test_a_listed_vocabulary_stands_in_for_that_of_the_file(arpa):
    (arpa / "language_model" / "unigrams.txt").write_text("ba\n")
    model = language_model(arpa)
    assert (model.beginning(model.start(), "b"), model.beginning(model.start(), "ab")) == (0.0, -10.0)


def test_a_folder_without_a_language_model_has_none(tmp_path):
    assert language_model(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("5gram.bin", b"nonsense", "lacks unigrams.txt"),
        ("5gram.arpa", b"nonsense", "no language model of KenLM"),
        ("attrs.json", b'{"alpha": "much"}', "no weights"),
        ("attrs.json", b"[", "no weights"),
        ("attrs.json", b"[]", "no weights"),
        ("attrs.json", b'["alpha"]', "no weights"),
    ],
)
def test_broken_files_of_a_language_model_are_named(arpa, name, content, message):
    place = arpa / "language_model"
    if name != "attrs.json":
        (place / "3gram.arpa").unlink()
    (place / name).write_bytes(content)
    with pytest.raises(EngineError, match=message):
        language_model(arpa)


def test_a_language_model_in_the_folder_is_used(tmp_path):
    """The tiny model hears noise; with a language model of one word it hears that word more often."""
    folder = tiny.wav2vec2(tmp_path)
    with Espeak().open("cpu") as speak:
        speech = Audio.join(list(speak(Text("Good morning.", "en"), Voice())))

    def heard():
        (engine,) = engines(Checkpoint(alias="tiny", engine="ctc", folder=str(folder)))
        with replace(engine, beam_width=4).open("cpu") as transcribe:
            return [word.text for segment in transcribe(speech, Hints()) for word in segment.words]

    before = heard()
    (folder / "language_model").mkdir()
    (folder / "language_model" / "2gram.arpa").write_text(ARPA.replace("ab", "I").replace("ba", "K"))
    (folder / "language_model" / "attrs.json").write_text('{"unk_score_offset": -60}')
    assert heard() != before


def test_words_of_aligned_text_carry_times_and_confidence():
    log_probs = np.log(np.full((5, 4), 0.1, np.float32))
    log_probs[[0, 1, 2, 3, 4], [2, 0, 3, 1, 2]] = math.log(0.7)
    found = words(aligned(log_probs, [2, 3, 1, 2], ALPHABET), ALPHABET, 0.02, "en")
    assert [(w.text, round(w.start_s, 3), round(w.end_s, 3)) for w in found] == [("ab", 0.0, 0.06), ("a", 0.08, 0.1)]
    assert all(word.confidence == pytest.approx(0.7) for word in found)
