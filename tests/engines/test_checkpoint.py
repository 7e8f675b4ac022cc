import re

import pytest

from vivavoce.engines.catalog import BACK_ENDS
from vivavoce.engines.checkpoint import Checkpoint, checkpoint_named, published, renamed
from vivavoce.errors import NotReady, UsageError


@pytest.mark.parametrize("model", published(), ids=lambda model: model.alias)
def test_a_published_model_is_described_in_full(model):
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", model.alias)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model.repository)
    assert model.engine in BACK_ENDS
    assert model.size_mb > 0 and model.per_unit_s > 0 and 0 < model.quality <= 1
    assert model.memory_gb and all(0 < gigabytes < 500 for _, gigabytes in model.memory_gb)
    assert model.licence and model.tier in ("small", "base", "large")
    assert all(re.fullmatch(r"[a-z]{2,3}(-\w+)?", code) for code in (*model.languages, *model.into))
    assert not model.published or model.source.startswith("https://")


def test_aliases_and_repositories_are_unique():
    aliases = [model.alias for model in published()]
    assert len(set(aliases)) == len(aliases)
    files = [(model.repository, model.files, model.engine) for model in published()]
    assert len(set(files)) == len(files)


def test_a_checkpoint_goes_by_its_alias_and_by_its_repository():
    assert checkpoint_named("blip-vqa") is checkpoint_named("Salesforce/blip-vqa-base") is not None
    assert checkpoint_named("nobody/nothing") is None


@pytest.mark.parametrize("wrong", renamed(), ids=lambda wrong: wrong.name)
def test_a_wrong_name_gets_the_right_one(wrong):
    with pytest.raises(UsageError, match=re.escape(wrong.instead)):
        checkpoint_named(wrong.name)


def test_memory_goes_by_what_the_device_runs():
    model = Checkpoint(alias="x", engine="x", memory_gb=(("int8", 0.4), ("float16", 0.6), ("float32", 1.1)))
    assert model.memory_on("cpu") == 0.4
    assert model.memory_on("cuda") == 0.4
    torch_only = Checkpoint(alias="x", engine="x", memory_gb=(("float16", 0.6), ("float32", 1.1)))
    assert torch_only.memory_on("cpu") == 1.1
    assert torch_only.memory_on("cuda") == 0.6


def test_weights_that_are_not_on_disk_name_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    with pytest.raises(NotReady, match="viva models pull blip-vqa"):
        checkpoint_named("blip-vqa").path()
