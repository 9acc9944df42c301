"""A process that is forked while its client is open: one connection must not have two users."""

import json
from pathlib import Path

import pytest
from wire_clients import WAYS, Way

from adversity.story import Story

from .programs import run
from .serving import serving


@pytest.mark.row("C4")
@pytest.mark.parametrize(
    "way", [WAYS[0], *(pytest.param(way, marks=pytest.mark.slow) for way in WAYS[1:])]
)
def test_a_fork(tmp_path: Path, story: Story, way: Way) -> None:
    """The child may not even close: it would take the connection out of its parent's hands."""
    with serving() as server:
        ended = run("adversity.compatibility.forking", server.url, way, str(tmp_path), switches=())
        assert (ended.code, ended.err) == (0, "")

        sent = server.ledger.sent_to()
        assert sent == {"before": 1, "child": 1, "behind": 1, "batched": 1}
        assert [each.verdict for each in server.ledger.arrivals] == ["accepted"] * 4
        assert server.connections == 2  # the parent's, used three times, and the child's
    said = json.loads(ended.out)
    forked = "the process was forked since; make one in each process"
    assert said == [
        f"not_sent: {name}: {forked}" for name in ("client", "client", "sender", "sender", "client")
    ]
    story.saw(
        f"the child: {len(said)} uses refused ({said[0]!r}), 1 sent by a client of its own; "
        f"the parent: {len(sent) - 1} sent"
    )
