from vivavoce.engines.translate.languages import listed, tokens_of


def test_tokens_are_found_in_the_spelling_of_each_family():
    assert tokens_of({"eng_Latn", "zho_Hans", "zho_Hant", "yue_Hant", "a"}) == {
        "en": "eng_Latn",
        "zh": "zho_Hans",
        "zh-hant": "zho_Hant",
        "yue_Hant": "yue_Hant",
    }
    assert tokens_of({"__en__", "__zh__", "a"}) == {"en": "__en__", "zh": "__zh__"}
    marian = tokens_of({">>cmn_Hans<<", ">>cmn_Hant<<", ">>fra<<", "a"})
    assert (marian["zh"], marian["zh-hant"], marian["fr"]) == (">>cmn_Hans<<", ">>cmn_Hant<<", ">>fra<<")
    assert tokens_of({"a", "b"}) == {}


def test_a_long_list_is_shortened():
    assert listed(["b", "a"]) == "a, b"
    assert listed([f"{number:02d}" for number in range(30)]).endswith("19 …")
