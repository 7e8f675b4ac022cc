import pytest

from vivavoce.apps.advisor import Need, advise, task_named, tasks
from vivavoce.engines.contract import Ability
from vivavoce.errors import UsageError
from vivavoce.messages import translate


@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.name)
def test_every_task_gets_an_answer_with_reasons(task):
    advice = advise(Need(task=task))
    assert advice.best is not None
    assert advice.best.card.ability is task.ability
    assert advice.best.card.cost.quality == max(c.card.cost.quality for c in advice.weighed)
    assert translate(task.guide, "zh") != task.guide


def test_a_task_goes_by_many_words():
    assert task_named("ASR").name == task_named("speech to text").name == "transcribe"
    assert task_named("text_to_image").ability is Ability.DRAW
    with pytest.raises(UsageError, match="choose one of transcribe, "):
        task_named("cooking")


def test_each_limit_rules_out_what_breaks_it_and_says_so():
    task = task_named("transcribe")
    free = advise(Need(task=task))
    limits = {
        "memory": Need(task=task, memory_gb=free.best.memory_gb * 0.9),
        "time": Need(task=task, latency_s=free.best.seconds * 0.9),
        "licence": Need(task=task, licence="no such licence"),
        "language": Need(task=task_named("answer"), language="xx"),
    }
    for obstacle, need in limits.items():
        advice = advise(need)
        assert any(obstacle in candidate.obstacles for candidate in advice.weighed), obstacle
        assert advice.best is None or obstacle not in advice.best.obstacles
    assert advise(limits["licence"]).best is None


def test_commercial_use_leaves_out_licences_that_forbid_it():
    for task in tasks():
        best = advise(Need(task=task, licence="commercial")).best
        assert best is None or not any(word in best.licence.lower() for word in ("-nc", "research", "unknown"))


def test_mandarin_gets_a_recogniser_that_knows_it():
    advice = advise(Need(task=task_named("transcribe"), language="zh", memory_gb=4))
    assert advice.best.card.speaks("zh")
    assert "language" in next(c for c in advice.weighed if c.card.name == "pocketsphinx").obstacles


def test_what_is_ready_is_named_beside_what_is_best():
    assert advise(Need(task=task_named("transcribe"), language="en")).ready.card.name == "pocketsphinx"
