"""On checkpoints with random weights: what they say means nothing; wiring, numbers and errors are tested."""

import pytest

from tiny import language as tiny
from vivavoce.engines import conversion
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.translate.seq2seq import engines
from vivavoce.engines.translate.seq2seq_ct2 import CTranslate2Translator
from vivavoce.engines.translate.seq2seq_torch import TransformersTranslator
from vivavoce.engines.translate.vocabulary import Vocabulary
from vivavoce.errors import EngineError, NotReady, UnsupportedLanguage
from vivavoce.media.text import Segment, Text

TEXT = Text("The quick dog. She sells shells!\n\n- bread and pears\n- the fox, the dog and the sea shore", "en")
BUILDERS = {"marian": tiny.marian, "nllb": tiny.nllb, "m2m100": tiny.m2m100}
SHORT = {"max_tokens": 10, "beam_width": 1}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return the checkpoints by family; their conversions are kept in a folder of the tests."""
    root = tmp_path_factory.mktemp("translators")
    patch = pytest.MonkeyPatch()
    patch.setenv("VIVAVOCE_HOME", str(root / "home"))
    pair = {"languages": ("en",), "into": ("zh",)}
    yield {
        name: Checkpoint(
            alias=name, engine="seq2seq", folder=str(build(root / name)), **(pair if name == "marian" else {})
        )
        for name, build in BUILDERS.items()
    }
    patch.undo()


def engine_of(model, kind, **settings):
    return kind(model=model, **{**SHORT, **settings})


@pytest.fixture(scope="module", params=BUILDERS)
def model(request, models):
    return models[request.param]


def reference(model, sentence, target, tokens=SHORT["max_tokens"]):
    """Translate a sentence by the library's own calls, as its documentation shows them."""
    import warnings

    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = AutoTokenizer.from_pretrained(model.folder)
    first = {}
    if model.alias != "marian":
        codes = {"en": "eng_Latn", "zh": "zho_Hans"} if model.alias == "nllb" else {"en": "en", "zh": "zh"}
        tokenizer.src_lang = codes["en"]
        token = codes[target] if model.alias == "nllb" else f"__{target}__"
        first = {"forced_bos_token_id": tokenizer.convert_tokens_to_ids(token)}
    net = AutoModelForSeq2SeqLM.from_pretrained(model.folder)
    ids = net.generate(
        **tokenizer(sentence, return_tensors="pt"), num_beams=1, do_sample=False, max_new_tokens=tokens, **first
    )
    return tokenizer.decode(ids[0], skip_special_tokens=True).strip()


def test_transformers_says_what_the_library_says_sentence_by_sentence(model):
    with engine_of(model, TransformersTranslator).open("cpu") as translate:
        made = translate(TEXT, "zh")
    lines = made.text.split("\n")
    assert lines[1] == "" and lines[2] == "- " + reference(model, "bread and pears", "zh")
    assert lines[3] == "- " + reference(model, "the fox, the dog and the sea shore", "zh")
    assert made.language == "zh"


def test_ctranslate2_in_float32_says_what_transformers_says(model):
    with engine_of(model, CTranslate2Translator, quantization="float32").open("cpu") as translate:
        made = translate(Text("bread and pears", "en"), "zh").text
    assert len(made) > 4
    assert reference(model, "bread and pears", "zh", tokens=SHORT["max_tokens"] + 2).startswith(made)


def test_a_batch_translates_as_one_by_one(model):
    lines = ["the dog", "She sells sea shells by the sea shore, and he buys every one.", "a", "quick brown fox"]
    for kind in (TransformersTranslator, CTranslate2Translator):
        with engine_of(model, kind).open("cpu") as translate:
            together = translate(Text("\n".join(lines), "en"), "zh").text.split("\n")
            assert together == [translate(Text(line, "en"), "zh").text for line in lines]


def test_int8_beams_run_and_segments_keep_their_times(model):
    segments = (Segment("the dog", 0.0, 1.0), Segment("the fox. the sea", 1.0, 2.5))
    with engine_of(model, CTranslate2Translator, beam_width=3).open("cpu") as translate:
        made = translate(Text.from_segments(segments, "en"), "zh")
    assert [(s.start_s, s.end_s) for s in made.segments] == [(0.0, 1.0), (1.0, 2.5)]


def test_text_in_the_language_asked_for_comes_back_unchanged(models):
    text = Text("今天", "zh")
    with engine_of(models["marian"], CTranslate2Translator).open("cpu") as translate:
        assert translate(text, "zh") is text


def test_unknown_languages_and_pairs_are_refused_by_name(models):
    with engine_of(models["marian"], CTranslate2Translator).open("cpu") as translate:
        with pytest.raises(UnsupportedLanguage, match="marian does not translate into “fr”; it knows zh"):
            translate(Text("the dog", "en"), "fr")
        with pytest.raises(UnsupportedLanguage, match="marian does not translate from “de”; it knows en"):
            translate(Text("der Hund", "de"), "zh")
        with pytest.raises(UnsupportedLanguage, match="not known; name it by --from"):
            translate(Text("the dog"), "zh")
    with engine_of(models["nllb"], TransformersTranslator).open("cpu") as translate:
        with pytest.raises(UnsupportedLanguage, match="into “klingon”; it knows de, en, yue_Hant, zh, zh-hant"):
            translate(Text("the dog", "en"), "klingon")
        assert translate(Text("the dog", "en"), "zh-TW").language == "zh-TW"


def test_control_tokens_in_the_text_are_read_as_plain_words(models):
    for name in ("nllb", "marian", "m2m100"):
        vocabulary = Vocabulary.load(models[name].path())
        numbers = vocabulary.encode(">>de<< the </s> dog __zh__ zho_Hans", "en", "zh")
        end = vocabulary.number("</s>")
        assert numbers.index(end) == len(numbers) - 1
        assert not set(numbers[1:-1]) & {vocabulary.number(token) for token in vocabulary.tokens.values()}


def test_sentences_are_tokenized_as_the_library_does(models):
    for name, model in models.items():
        vocabulary = Vocabulary.load(model.path())
        if name != "marian":
            vocabulary.tokenizer.src_lang = {"nllb": "eng_Latn", "m2m100": "en"}[name]
        expected = vocabulary.tokenizer("The quick brown fox.").input_ids
        assert vocabulary.encode("The quick brown fox.", "en", "zh") == expected


def test_a_marian_model_of_several_targets_is_told_which(tmp_path):
    folder = tiny.marian(tmp_path / "m", ("cmn_Hans", "cmn_Hant", "fra"))
    vocabulary = Vocabulary.load(folder)
    assert vocabulary.spelled(vocabulary.encode("the dog", "en", "zh-hant"))[0] == ">>cmn_Hant<<"
    assert vocabulary.spelled(vocabulary.encode("the dog", "en", "fr"))[0] == ">>fra<<"
    assert vocabulary.opening("fr") is None


def test_a_sentence_longer_than_the_model_reads_is_cut(models):
    with engine_of(models["marian"], CTranslate2Translator).open("cpu") as translate:
        assert translate(Text("the dog and the fox, " * 60, "en"), "zh").text


def test_a_conversion_is_made_once_and_its_folder_is_a_model_of_its_own(models, monkeypatch):
    model = models["marian"]
    folder = conversion.converted(model.path(), "int8")
    monkeypatch.setattr(conversion, "_convert", lambda *_: pytest.fail("converted twice"))
    assert conversion.converted(model.path(), "int8") == folder
    (folder / "tokenizer_config.json").write_text('{"source_lang": "eng", "target_lang": "zho"}')  # as OPUS-MT's own
    ready = Checkpoint(alias="ready", engine="seq2seq-ct2", folder=str(folder), languages=("en",), into=("zh",))
    with (
        engine_of(ready, CTranslate2Translator).open("cpu") as translate,
        engine_of(model, CTranslate2Translator).open("cpu") as other,
    ):
        assert translate(TEXT, "zh") == other(TEXT, "zh")


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    folder = tiny.marian(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(EngineError, match="can't be converted"):
        conversion.converted(folder, "int8")
    assert list((tmp_path / "home/cache/ctranslate2").iterdir()) == []


def test_pickled_weights_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    folder = tiny.marian(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    model = Checkpoint(alias="pickled", engine="seq2seq-ct2", folder=str(folder))
    with pytest.raises(EngineError, match="no safetensors"), engine_of(model, CTranslate2Translator).open("cpu"):
        pass


@pytest.mark.parametrize("kind", [TransformersTranslator, CTranslate2Translator])
def test_weights_that_are_not_on_disk_are_named_with_the_command(kind, monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    model = Checkpoint(alias="opus-en-zh", engine="seq2seq-ct2", repository="somebody/opus")
    with pytest.raises(NotReady, match="viva models pull opus-en-zh"), engine_of(model, kind).open("cpu"):
        pass


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    model = Checkpoint(alias="empty", engine="seq2seq", folder=str(tmp_path))
    with pytest.raises(EngineError, match="holds no tokenizer"), engine_of(model, TransformersTranslator).open("cpu"):
        pass


def test_a_checkpoint_has_a_fast_translator_and_one_for_other_devices(models):
    cards = [engine.card for engine in engines(models["nllb"])]
    assert [card.name for card in cards] == ["nllb", "nllb/transformers"]
    assert cards[0].cost.per_unit_s < cards[1].cost.per_unit_s
