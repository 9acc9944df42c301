"""What a damaged journal has lost of a run whose notifications differ: how much of it is guessed."""

import pytest
from attrs import evolve
from fanout_world import FACTS

from pushwoosh_async._fanout.plan_each import RECIPIENTS
from pushwoosh_async._fanout.recut import LostRecords


@pytest.mark.parametrize(("kind", "recipients"), [("users", 40), (RECIPIENTS, 4)])
def test_guess_behind_the_last_record(kind: str, recipients: int) -> None:
    """Chunks of ids are full ones; of notifications nobody can tell: one recipient each."""
    lost = LostRecords(evolve(FACTS, kind=kind, total=None), None, salvaged_to=3)
    found = list(lost.behind())
    assert [record.path for record in found] == ["0", "1", "2", "3"]
    assert sum(record.recipients for record in found) == recipients


def test_guess_before_an_end_that_is_known() -> None:
    """All of it is told of, so that nobody who may have got it is called not sent."""
    lost = LostRecords(evolve(FACTS, kind=RECIPIENTS, total=7), None, salvaged_to=3)
    assert sum(record.recipients for record in lost.behind()) == 7
