import re
from urllib.parse import unquote

import numpy as np
import pytest

from vivavoce.apps.converter import Converter
from vivavoce.apps.demo import convert_all, write_page
from vivavoce.cli.main import main
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.modality import Modality


@pytest.mark.slow
def test_every_pair_is_made_once_from_samples_and_shown_on_a_page(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_DATA", str(tmp_path / "nothing"))
    folder = tmp_path / "out"
    with Converter() as converter:
        pairs = list(convert_all(converter, [], folder))
    five = [modality for modality in Modality if modality is not Modality.MESH]
    wanted = {(a, b) for a in five for b in five if a is not b}
    assert {(pair.sample.value.modality, pair.to) for pair in pairs} == wanted
    assert all(pair.error is None for pair in pairs), [pair.error for pair in pairs if pair.error]
    for pair in pairs:
        assert open_value(pair.file).modality is pair.to
    page = write_page(pairs, folder).read_text()
    for link in re.findall(r'(?:src|href)="([^"#][^"]*)"', page):
        assert (folder / unquote(link)).is_file(), link
    assert "typographic-card" in page and "每种模态" in page


@pytest.mark.slow
def test_own_files_take_the_place_of_samples_whatever_their_names(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_DATA", str(tmp_path / "nothing"))
    own = tmp_path / "a #1?.wav"
    save(Audio(np.zeros((8_000, 1), np.float32), 8_000), tmp_path / "silence.wav").rename(own)
    with Converter() as converter:
        pairs = [pair for pair in convert_all(converter, [own], tmp_path / "out") if pair.sample.kind == "yours"]
    assert len(pairs) == 4 and all("no speech" in str(pair.error) for pair in pairs)
    page = write_page(pairs, tmp_path / "out").read_text()
    assert "没有人说话" in page
    (link,) = re.findall(r'<audio[^>]* src="([^"]*)"', page)
    assert (tmp_path / "out" / unquote(link)).is_file()


def test_an_existing_page_is_kept_unless_told(tmp_path, capsys):
    (tmp_path / "index.html").write_text("mine")
    assert main(["demo", "-o", str(tmp_path)]) == 1
    assert (tmp_path / "index.html").read_text() == "mine"
    assert "--overwrite" in capsys.readouterr().err
