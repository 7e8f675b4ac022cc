import subprocess
import sys

import pytest

from vivavoce.engines import fonts
from vivavoce.engines.fonts import drawable, font_path, is_cjk
from vivavoce.errors import NotReady


def covers(font, text):
    from matplotlib.ft2font import FT2Font

    face = FT2Font(str(font))
    return all(face.get_char_index(ord(letter)) for letter in text)


@pytest.mark.parametrize("text", ["Hello", "Grüße, ça va?", "Привет", "Γειά σου", "你好，世界", "Hello 你好 2026"])
def test_the_font_has_every_letter(text):
    assert covers(font_path(text), text.replace(" ", ""))


def test_bold_latin_has_a_bold_face():
    assert font_path("Title", bold=True) != font_path("Title")


def test_emoji_do_not_decide_which_font_is_taken():
    assert font_path("Thank you 😀") == font_path("Thank you")
    assert font_path("谢谢 😀") == font_path("谢谢")


def test_what_the_font_lacks_is_left_out_of_the_drawing():
    assert drawable("好👍🏽的\ufe0f, ok", font_path("好的")) == "好的, ok"


def test_chinese_without_a_chinese_font_says_what_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "_system_fonts", lambda: ())
    fonts._best.cache_clear()
    try:
        with pytest.raises(NotReady, match="fonts-wqy-microhei"):
            font_path("你好，世界")
    finally:
        fonts._best.cache_clear()


def test_system_fonts_are_found_where_the_desktop_standard_puts_them(monkeypatch, tmp_path):
    folder = tmp_path / "fonts" / "deep"
    folder.mkdir(parents=True)
    (folder / "broken.ttf").write_bytes(b"no font")
    (folder / "readme.txt").write_text("no font either")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    fonts._system_fonts.cache_clear()
    try:
        assert folder / "broken.ttf" in fonts._system_fonts()
        assert folder / "readme.txt" not in fonts._system_fonts()
    finally:
        fonts._system_fonts.cache_clear()


def test_a_file_that_is_no_font_covers_nothing(tmp_path):
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert fonts._coverage(tmp_path / "broken.ttf") == frozenset()


def test_punctuation_of_full_width_counts_as_chinese():
    assert all(is_cjk(letter) for letter in "你，。！「あ한")
    assert not any(is_cjk(letter) for letter in "a,.!é—")


def test_matplotlibs_slow_font_search_is_never_started():
    code = (
        "import sys; from vivavoce.engines.fonts import font_path; font_path('Hello é 你好')\n"
        "print('matplotlib.font_manager' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
