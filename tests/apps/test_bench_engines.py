import pytest

from vivavoce.apps.bench_engines import bench_engines
from vivavoce.apps.converter import Converter
from vivavoce.engines.catalog import lack_of
from vivavoce.routes.costs import Measured, load_costs, save_costs, with_costs


@pytest.mark.slow
def test_every_engine_that_is_ready_is_measured():
    with Converter() as converter:
        found = dict(bench_engines(converter))
        ready = {card.name for card in converter.cards if lack_of(card) is None}
    assert set(found) == ready
    assert {name: cost for name, cost in found.items() if isinstance(cost, str)} == {}
    assert found["espeak"].per_unit_s < found["rapidocr"].per_unit_s


def test_costs_are_kept_beside_those_measured_before(tmp_path):
    file = tmp_path / "new" / "costs.json"
    cost = Measured(fixed_s=1.0, per_unit_s=2.0, memory_gb=3.0)
    save_costs({"a": cost}, file)
    save_costs({"b": cost}, file)
    assert load_costs(file) == {"a": cost, "b": cost}


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": {"fixed_s": "x"}}', '{"a": {"colour": 1}}'])
def test_a_damaged_file_counts_as_nothing_measured(tmp_path, content):
    file = tmp_path / "costs.json"
    file.write_text(content)
    assert load_costs(file) == {}


def test_measured_costs_take_the_place_of_claims_and_quality_stays():
    with Converter() as converter:
        card = next(card for card in converter.engines.cards if card.name == "espeak")
    (changed,) = with_costs([card], {"espeak": Measured(fixed_s=9.0, per_unit_s=8.0, memory_gb=7.0)})
    assert (changed.cost.fixed_s, changed.cost.per_unit_s, changed.cost.memory_gb) == (9.0, 8.0, 7.0)
    assert changed.cost.quality == card.cost.quality
