import pytest

from vivavoce.engines.language_codes import codes, usual


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("zh", "zh"),
        ("ZH-cn", "zh"),
        ("zh_Hans", "zh"),
        ("zho_Hans", "zh"),
        ("cmn", "zh"),
        ("zh-Hant", "zh-hant"),
        ("zh-TW", "zh-hant"),
        ("pt-BR", "pt"),
        ("eng_Latn", "en"),
        ("yue", "yue_Hant"),
        ("yue_Hant", "yue_Hant"),
        ("ast_Latn", "ast_Latn"),
        (" fr ", "fr"),
    ],
)
def test_a_language_has_one_usual_code(given, code):
    assert usual(given) == code


def test_every_code_of_the_table_is_one_of_flores():
    nllb = pytest.importorskip("transformers.models.nllb.tokenization_nllb")
    assert set(codes().flores.values()) <= set(nllb.FAIRSEQ_LANGUAGE_CODES)
    assert len(codes().flores) > 120
