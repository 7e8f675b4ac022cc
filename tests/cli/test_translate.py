"""`viva translate` on a translator with random weights: what it says means nothing; files and times are tested."""

import pytest

from tiny import language as tiny
from vivavoce.engines.catalog import Catalog, catalog
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.translate.seq2seq import engines
from vivavoce.engines.translate.seq2seq_ct2 import CTranslate2Translator
from vivavoce.media.gateway import open_value

SUBTITLES = "1\n00:00:01,000 --> 00:00:02,500\nthe quick dog\n\n2\n00:00:03,000 --> 00:00:04,750\nthe fox. the sea\n"


@pytest.fixture(scope="module")
def translator(tmp_path_factory):
    folder = tiny.marian(tmp_path_factory.mktemp("marian"))
    model = Checkpoint(alias="tiny-en-zh", engine="seq2seq", folder=str(folder), languages=("en",), into=("zh",))
    return CTranslate2Translator(model=model, max_tokens=8, beam_width=1), engines(model)[1]


@pytest.fixture
def with_translator(monkeypatch, translator):
    """Put a translator into the catalog, the only one there."""
    others = {name: engine for name, engine in catalog().engines.items() if engine.card.ability != "translate"}
    monkeypatch.setattr("vivavoce.apps.converter.catalog", lambda: Catalog(others).adding(translator))


@pytest.mark.usefixtures("with_translator")
def test_an_argument_is_translated_and_printed(viva):
    done = viva("translate", "the quick dog", "--from", "en", "--to", "zh")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 1


@pytest.mark.usefixtures("with_translator")
def test_subtitles_keep_their_number_and_times(viva, tmp_path):
    (tmp_path / "talk.srt").write_text(SUBTITLES)
    done = viva("translate", "talk.srt", "--from", "en", "--to", "zh", "-o", "talk.zh.srt")
    assert done.code == 0, done.err
    lines = (tmp_path / "talk.zh.srt").read_text().splitlines()
    assert [line for line in lines if "-->" in line] == [s for s in SUBTITLES.splitlines() if "-->" in s]
    assert [segment.start_s for segment in open_value(tmp_path / "talk.zh.srt").segments] == [1.0, 3.0]


@pytest.mark.usefixtures("with_translator")
def test_a_document_keeps_its_lines(viva, tmp_path):
    (tmp_path / "notes.md").write_text("# the plan\n\n- the dog\n- the fox\n")
    assert viva("translate", "notes.md", "--from", "en", "--to", "zh", "-o", "out.md").code == 0
    lines = (tmp_path / "out.md").read_text().splitlines()
    assert len(lines) == 4 and lines[0].startswith("# ") and lines[1] == "" and lines[2].startswith("- ")


@pytest.mark.usefixtures("with_translator")
def test_a_target_that_exists_is_kept_unless_told_otherwise(viva, tmp_path):
    (tmp_path / "out.txt").write_text("old")
    assert "add --overwrite" in viva("translate", "the dog", "--from", "en", "--to", "zh", "-o", "out.txt").err
    assert (tmp_path / "out.txt").read_text() == "old"
    done = viva("translate", "the dog", "--from", "en", "--to", "zh", "-o", "out.txt", "--overwrite")
    assert done.code == 0 and (tmp_path / "out.txt").read_text() != "old"


@pytest.mark.usefixtures("with_translator")
def test_an_engine_can_be_named_and_must_translate(viva):
    done = viva("translate", "the dog", "--from", "en", "--to", "zh", "--engine", "tiny-en-zh/transformers")
    assert done.code == 0, done.err
    assert viva("translate", "the dog", "--from", "en", "--to", "zh", "--engine", "espeak").code == 2


@pytest.mark.usefixtures("with_translator")
def test_text_in_the_language_asked_for_is_printed_as_it_is(viva):
    assert viva("translate", "今天天气很好。", "--to", "zh").out == "今天天气很好。\n"


@pytest.mark.usefixtures("with_translator")
def test_a_pair_that_no_engine_knows_is_said_so(viva):
    assert viva("translate", "the dog", "--from", "en", "--to", "fr").code == 1


def test_a_file_that_is_missing_or_no_text_is_said_so(viva, tmp_path):
    assert "no file" in viva("translate", "missing.srt", "--to", "zh").err
    import vivavoce as vv

    vv.save(vv.draw("Bread"), tmp_path / "card.png")
    assert "holds image, which is no text" in viva("translate", "card.png", "--to", "zh").err


def test_the_target_language_is_required(viva):
    assert viva("translate", "the dog").code == 2


@pytest.mark.usefixtures("with_translator")
@pytest.mark.parametrize("code", ["zh-CN", "zh_CN", "ZH", "zho_Hans"])
def test_a_language_may_be_spelled_in_any_usual_way(viva, code):
    done = viva("translate", "the quick dog", "--from", "EN", "--to", code)
    assert done.code == 0, done.err


@pytest.mark.usefixtures("with_translator")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("the dog", "--to", ""), "code of a language is empty"), (("", "--to", "zh"), "no text to translate")],
)
def test_nothing_to_translate_and_no_language_are_wrong_usage(viva, arguments, words):
    done = viva("translate", *arguments)
    assert (done.code, len(done.err.splitlines())) == (2, 1) and words in done.err, done.err


@pytest.mark.usefixtures("with_translator")
def test_a_word_that_also_names_a_folder_is_a_word(viva, tmp_path):
    (tmp_path / "dog").mkdir()
    done = viva("translate", "dog", "--from", "en", "--to", "zh")
    assert done.code == 0, done.err
