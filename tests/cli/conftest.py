from types import SimpleNamespace

import pytest

from vivavoce.cli.main import main


@pytest.fixture
def viva(capsys, tmp_path, monkeypatch):
    """Run a command in a folder of its own and return its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VIVAVOCE_UI_LANGUAGE", "en")

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    return run
