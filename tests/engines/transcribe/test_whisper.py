"""On checkpoints with random weights: what they hear means nothing; wiring, times, errors and equality are tested."""

import json
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tiny.whisper import whisper, whisper_that_listens
from vivavoce.engines.abilities import Span
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.transcribe import whisper as by_transformers
from vivavoce.engines.transcribe import whisper_ct2 as by_ctranslate2
from vivavoce.engines.transcribe.log_mel import log_mel
from vivavoce.engines.transcribe.whisper_alignment import path
from vivavoce.engines.transcribe.whisper_network import Decoding, Search
from vivavoce.engines.transcribe.whisper_vocabulary import Vocabulary
from vivavoce.errors import EngineError, NothingFound, NotReady, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

GREEDY = Search(1, 0.0, 24)
FEW = Decoding(beam_width=2, tokens_per_s=6, threads=1)  # random weights write on up to the limit


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Let no thread of torch wait for a core: for tiny networks that is most of the time on a busy machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def speech():
    with Espeak().open("cpu") as speak:
        return Audio.join(list(speak(Text("Good morning. Is anybody there? " * 3, "en"), Voice())))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIVAVOCE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def opened(module, folder, languages=()):
    (engine,) = module.engines(Checkpoint(alias="tiny", engine="whisper", folder=str(folder), languages=languages))
    return replace(engine, decoding=FEW).open("cpu")


@pytest.fixture(scope="module", params=[by_ctranslate2, by_transformers], ids=["ctranslate2", "transformers"])
def transcribe(request, folder, cache):
    with opened(request.param, folder) as ability:
        yield ability


@pytest.fixture(scope="module")
def exact(folder, cache):
    with both(folder) as networks:
        yield networks


@contextmanager
def both(folder):
    """Yield both networks in float32, so that they can be compared."""
    import ctranslate2

    from vivavoce.engines.conversion import converted

    vocabulary = Vocabulary.of(folder)
    model = ctranslate2.models.Whisper(str(converted(folder, "float32")), compute_type="float32", intra_threads=1)
    with opened(by_transformers, folder) as ability:
        yield by_ctranslate2.Ct2Network(ctranslate2, model, vocabulary), ability.network


def view(values):
    import ctranslate2

    return ctranslate2.StorageView.from_array(values)


@pytest.fixture(scope="module")
def features(speech):
    samples = speech.at(16_000)
    return np.stack([log_mel(samples[at : at + 48_000], 80, 400) for at in (0, 16_000, 32_000)])


def test_segments_and_words_lie_in_order_inside_the_audio_with_confidence(transcribe, speech):
    segments = list(transcribe(speech, Hints(language="en")))
    assert segments
    assert all(a.start_s <= b.start_s for a, b in pairwise(segments))
    for segment in segments:
        assert 0 <= segment.start_s <= segment.end_s <= speech.duration_s
        assert 0 < segment.confidence <= 1
        assert segment.words
        for word in segment.words:
            assert type(word.start_s) is float
            assert segment.start_s <= word.start_s <= word.end_s <= speech.duration_s
            assert 0 <= word.confidence <= 1


def test_the_language_is_found_when_it_is_not_given(exact, transcribe, speech):
    import torch

    features = log_mel(speech.at(16_000), 80, 3000)[np.newaxis]
    other, network = exact
    (found,), (same) = network.detect(network.encode(features)), other.detect(other.encode(features))
    assert same == [pytest.approx(found, abs=1e-4)]
    expected = int(network.model.detect_language(torch.from_numpy(features))[0])
    assert network.vocabulary.languages[max(found, key=found.get)] == expected
    assert sum(found.values()) == pytest.approx(1)
    assert list(transcribe(speech, Hints()))


def test_a_model_that_cannot_tell_languages_asks_for_one(tmp_path, cache, speech):
    folder = whisper(tmp_path)
    tokens = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokens["model"]["vocab"]
    vocabulary["unused"] = vocabulary.pop("")  # by which CTranslate2 tells models of many languages
    (folder / "tokenizer.json").write_text(json.dumps(tokens))
    with opened(by_ctranslate2, folder) as transcribe:
        with pytest.raises(EngineError, match="name it, as in: --language en"):
            list(transcribe(speech, Hints()))
        assert list(transcribe(speech, Hints(language="en")))


@pytest.mark.parametrize("frames", [0, 1, 160_000])
def test_silence_is_not_made_into_words(transcribe, frames):
    with pytest.raises(NothingFound):
        list(transcribe(Audio(np.zeros((frames, 1), np.float32), 16_000), Hints(language="en")))


def test_sound_at_any_rate_is_taken(transcribe, speech):
    slow = speech.resampled(8_000)
    assert all(segment.end_s <= slow.duration_s for segment in transcribe(slow, Hints(language="en")))


def test_the_longest_prompt_leaves_room_to_write(transcribe):
    sound = Audio(np.random.default_rng(0).normal(0, 0.1, 20 * 16_000).astype(np.float32), 16_000)
    model = replace(
        transcribe, detect_speech=lambda window: [Span(0, 20)], decoding=Decoding(beam_width=1, temperatures=(0.0,))
    )
    assert list(model(sound, Hints(language="en", prompt="x" * 222)))


def test_an_unknown_language_is_refused(transcribe, speech):
    with pytest.raises(UnsupportedLanguage, match="“xx”"):
        list(transcribe(speech, Hints(language="xx")))


def test_a_batch_is_written_as_one_by_one(exact, features):
    for network in exact:
        opening = network.vocabulary.opening("en", "transcribe")
        drafts = network.write(network.encode(features), opening, GREEDY)
        for row, expected in enumerate(drafts):
            (draft,) = network.write(network.encode(features[row : row + 1]), opening, GREEDY)
            assert draft.tokens == expected.tokens
            assert draft.mean_logprob == pytest.approx(expected.mean_logprob, abs=1e-4)


@pytest.mark.parametrize("frames", [[300, 200, 100], [300, 300, 300]], ids=["unequal", "equal"])
@pytest.mark.parametrize("lengths", [(24, 17, 9), (12, 12, 12), (6, 0, 30)], ids=str)
def test_tokens_of_a_batch_have_the_probabilities_of_one_by_one_in_both_libraries(exact, features, frames, lengths):
    ctranslate2 = exact[0]
    opening = ctranslate2.vocabulary.opening("en", "transcribe")
    rng = np.random.default_rng(0)
    texts = [rng.integers(0, 256, length).tolist() for length in lengths]
    batches = [network.align(network.encode(features), opening, texts, frames) for network in exact]
    for row, (text, count) in enumerate(zip(texts, frames, strict=True)):
        encoded = ctranslate2.encode(features[row : row + 1])
        (expected,) = ctranslate2.align(encoded, opening, [text], [count])
        for batch in batches:  # frames have their test on attention with peaks: of flat attention they are chance
            assert batch[row].probabilities == pytest.approx(expected.probabilities, rel=1e-3)


@pytest.mark.parametrize("search", [GREEDY, Search(1, 0.0, 2), Search(5, 0.0, 12)], ids=["greedy", "short", "beam"])
def test_both_libraries_write_the_same_with_the_same_probabilities(exact, features, search):
    opening = exact[0].vocabulary.opening("en", "transcribe")
    found = [network.write(network.encode(features), opening, search) for network in exact]
    for draft, other in zip(*found, strict=True):
        assert draft.tokens == other.tokens
        assert len(draft.tokens) <= search.most_tokens
        assert draft.mean_logprob == pytest.approx(other.mean_logprob, abs=1e-3)
        assert draft.silence == pytest.approx(other.silence, abs=1e-4)


def test_a_whole_window_is_encoded_and_written_as_by_transformers_itself(exact, speech):
    import torch

    network = exact[1]
    features = log_mel(speech.at(16_000), 80, 3000)[np.newaxis]
    expected = network.model.model.encoder(torch.from_numpy(features)).last_hidden_state
    encoded = network.encode(features)
    np.testing.assert_allclose(encoded.numpy(), expected.detach().numpy(), atol=1e-5)
    ids = network.model.generate(torch.from_numpy(features), language="en", task="transcribe", max_new_tokens=24)
    (draft,) = network.write(encoded, network.vocabulary.opening("en", "transcribe"), GREEDY)
    written = network.vocabulary.spoken(ids[0].tolist())
    assert draft.tokens[: len(written)] == written


def test_a_beam_and_a_temperature_are_kept_to(exact, features):
    for network in exact:
        opening, encoded = network.vocabulary.opening("en", "transcribe"), network.encode(features)
        greedy, wide = (network.write(encoded, opening, Search(width, 0.0, 12)) for width in (1, 4))
        assert [draft.tokens for draft in wide] != [draft.tokens for draft in greedy]
        assert sum(draft.mean_logprob for draft in wide) > sum(draft.mean_logprob for draft in greedy)
        hot = network.write(encoded, opening, Search(4, 1.0, 12))
        assert [draft.tokens for draft in hot] != [draft.tokens for draft in greedy]


def test_sampling_is_the_same_each_time_and_leaves_the_generators_of_torch_alone(exact, features, monkeypatch):
    import torch

    network = exact[1]
    opening, encoded = network.vocabulary.opening("en", "transcribe"), network.encode(features)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", lambda seed: pytest.fail("seeded every device"))
    before = torch.get_rng_state()
    first = network.write(encoded, opening, Search(1, 1.0, 12))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert network.write(encoded, opening, Search(1, 1.0, 12)) == first


def test_tokens_begin_where_the_model_listens_when_it_predicts_them(tmp_path, cache):
    import torch
    from transformers import WhisperForConditionalGeneration
    from transformers.modeling_outputs import ModelOutput

    vocabulary = Vocabulary.of(whisper(tmp_path))
    opening, text = vocabulary.opening("en", "transcribe"), list(b"that is what was said")
    ends = np.cumsum(np.random.default_rng(0).integers(5, 20, len(text) + 1)).tolist()  # and the end of the text
    ids = [*opening, *text, vocabulary.end]
    sound = whisper_that_listens(tmp_path, ids, ends)
    with both(tmp_path) as networks:
        for network, encoded in zip(networks, (view(sound), torch.from_numpy(sound)), strict=True):
            (found,) = network.align(encoded, opening, [text], [2 * ends[-1]])
            assert found.starts == [0, *ends[:-1]]
    model = WhisperForConditionalGeneration.from_pretrained(tmp_path, attn_implementation="eager")
    with torch.inference_mode():
        read = model.model.decoder(
            input_ids=torch.tensor([ids[:-1]]), encoder_hidden_states=torch.from_numpy(sound), output_attentions=True
        )
    seen = ModelOutput(sequences=torch.tensor([ids]), cross_attentions=[read.cross_attentions])
    given = len(opening) - 1  # so that it counts the position that predicts the first token
    times = model._extract_token_timestamps(seen, [[1, 0], [1, 1]], 1, 2 * ends[-1], given)[0]
    assert times[given:-1].tolist() == [0, *ends[:-1]]


def test_the_way_through_a_matrix_is_the_cheapest():
    cost = np.ones((3, 7), np.float32)
    cost[0, :2] = cost[1, 2:5] = cost[2, 5:] = -1
    assert path(cost) == [0, 2, 5]
    assert path(np.zeros((4, 1), np.float32)) == [0, 0, 0, 0]


def test_the_way_through_a_matrix_is_found_as_by_transformers():
    from transformers.models.whisper.generation_whisper import _dynamic_time_warping

    rng = np.random.default_rng(0)
    for rows, frames in ((1, 9), (9, 1), (7, 40), (40, 7), (20, 20)):
        cost = rng.normal(size=(rows, frames)).astype(np.float32)
        row, frame = _dynamic_time_warping(cost)
        assert path(cost) == [frame[row == number].min() for number in range(rows)]


def test_a_checkpoint_is_converted_once(folder, cache, monkeypatch):
    from vivavoce.engines import conversion

    with opened(by_ctranslate2, folder):
        pass
    monkeypatch.setattr(conversion, "_convert", lambda *given: pytest.fail("converted again"))
    with opened(by_ctranslate2, folder):
        pass


def test_a_model_with_128_bands_is_fed_as_many(tmp_path, cache, speech):
    with opened(by_ctranslate2, whisper(tmp_path, bands=128), ("en",)) as transcribe:
        assert transcribe.network.bands == 128
        assert list(transcribe(speech, Hints()))


def test_a_model_of_english_alone_needs_no_language(tmp_path, cache, speech):
    with opened(by_ctranslate2, whisper(tmp_path, multilingual=False)) as transcribe:
        assert list(transcribe(speech, Hints()))
        with pytest.raises(EngineError, match="translates nothing"):
            list(transcribe(speech, Hints(task="translate")))


def test_a_folder_without_a_model_is_refused(tmp_path, folder):
    with pytest.raises(EngineError, match=r"neither model\.bin nor safetensors"), opened(by_ctranslate2, tmp_path):
        pass
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    for module in (by_ctranslate2, by_transformers):
        with pytest.raises(EngineError, match=r"holds no tokenizer\.json"), opened(module, tmp_path):
            pass
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EngineError, match="no tokenizer of Whisper"), opened(by_ctranslate2, tmp_path):
        pass


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    model = Checkpoint(alias="whisper-base", engine="whisper-ct2", repository="openai/whisper-base", size_mb=290)
    for module in (by_ctranslate2, by_transformers):
        (engine,) = module.engines(model)
        assert engine.decoding == Decoding()
        with pytest.raises(NotReady, match="viva models pull whisper-base"), engine.open("cpu"):
            pass
