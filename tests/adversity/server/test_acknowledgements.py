"""Acknowledgements that look odd: what was acknowledged is accepted, whatever stands beside it."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen
from fault_server import SeenRequest, answer, fault_server, processed
from fault_server.api_scripts import accepting_with, says

from adversity.story import Story
from adversity.trial import Trial

NO_CODE = "CODE_NOT_AVAILABLE"

WITHOUT_A_CODE: dict[str, object] = {
    "response null": None,
    "response a list": [],
    "response a text": "ok",
    "Messages missing": {},
    "Messages null": {"Messages": None},
    "Messages empty": {"Messages": []},
    "Messages a text": {"Messages": "CODE-1"},
    "Messages an object": {"Messages": {"a": "CODE-1"}},
    "a code that is a number": {"Messages": [5]},
    "a code that is null": {"Messages": [None]},
    "a code that is a list": {"Messages": [["CODE-1"]]},
    "two codes for one": {"Messages": ["CODE-1", "CODE-2"]},
    "the name for no code": {"Messages": [NO_CODE]},
}


@pytest.mark.parametrize("name", WITHOUT_A_CODE)
@pytest.mark.row("S12")
async def test_no_usable_code(tmp_path: Path, story: Story, name: str) -> None:
    """It was accepted; only its name is unknown."""
    acknowledged = says(200, "OK", WITHOUT_A_CODE[name])
    async with fault_server(default=processed(acknowledged)) as server:
        trial = Trial(tmp_path, server, story)
        told = await trial.send()

        assert told.failures == {}
        assert (told.report.accepted, len(server.complete)) == (40, 4)
        codes = {record.life.message_code for record in trial.records()}
        assert codes == {None}
        story.saw(f"codes {sorted(map(str, codes))} kept")
        await trial.end_well()


@frozen
class Unknown:
    """What UnknownDevices says, with places for ids, and how many of a run's own ids it names.

    Attributes:
        shape: "first", "second" stand for a chunk's ids; all else stands for itself.
        own: how many ids of the run.
        strangers: ids in an answer that were not asked for.
    """

    shape: Any = field()
    own: int
    strangers: int = 0

    def answer_to(self, request: SeenRequest) -> object:
        """Write the response to a request."""
        (notification,) = json.loads(request.body)["request"]["notifications"]
        named = dict(zip(("first", "second"), notification["users"], strict=False))
        return {"Messages": [NO_CODE], "UnknownDevices": _filled(self.shape, named)}


def _filled(shape: Any, named: dict[str, str]) -> Any:
    if isinstance(shape, dict):
        return {key: _filled(value, named) for key, value in shape.items()}
    if isinstance(shape, list):
        return [_filled(value, named) for value in shape]
    return named.get(shape, shape) if isinstance(shape, str) else shape


UNKNOWN = {
    "null": Unknown(None, 0),
    "a text": Unknown("first", 0),
    "a list": Unknown(["first", "second"], 8),
    "by code": Unknown({"CODE-1": ["first", "second"]}, 8),
    "under an empty key": Unknown({"": ["first"]}, 4),
    "under several": Unknown({"": ["first"], "CODE-9": ["second"]}, 8),
    "one twice": Unknown({"": ["first", "first"], "CODE-1": ["first"]}, 4),
    "strangers": Unknown(["x", "y", "u40"], 0, strangers=3),
    "strangers among them": Unknown(["x", "first", "\u0000"], 4, strangers=2),
    "of another chunk": Unknown(["u39"], 1, strangers=1),
    "odd values": Unknown({"a": None, "b": [5, None, ["first"], "second"], "c": "first"}, 4),
}


@pytest.mark.parametrize("name", UNKNOWN)
@pytest.mark.row("S13")
async def test_unknown_devices(
    tmp_path: Path, story: Story, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Accepted all the same; an id counts where it was asked for, whatever key it stands under.

    Of the others only a log line says how many there were, in each answer that names some.
    """
    unknown = UNKNOWN[name]
    async with fault_server(default=accepting_with(unknown.answer_to)) as server:
        trial = Trial(tmp_path, server, story)
        told = await trial.send()

        assert told.failures == {}
        assert told.report.accepted == 40
        assert told.report.unknown_devices == unknown.own
        assert sum(record.unknown for record in trial.records()) == unknown.own
        logged = [record.args for record in caplog.records if "not asked for" in record.msg]
        answers = 4 - (name == "of another chunk") if unknown.strangers else 0
        assert logged == [(unknown.strangers,)] * answers
        story.saw(f"{told.report.unknown_devices - unknown.own} strangers counted as the run's")
        await trial.end_well()


EXTRA = "never-heard-of"
LARGE = [EXTRA] * 5_000  # 90 kB

EXTRAS: dict[str, dict[str, object]] = {
    "beside the envelope": {EXTRA: {"a": [1, None, True]}, "base_url": "http://127.0.0.1:1/"},
    "in the response": {"response": {"Messages": [NO_CODE], EXTRA: {"deep": {"er": 1}}}},
    "large": {EXTRA: LARGE, "response": {"Messages": [NO_CODE], EXTRA: LARGE}},
}


@pytest.mark.parametrize("name", EXTRAS)
@pytest.mark.row("S14")
async def test_fields_that_nobody_has_heard_of(tmp_path: Path, story: Story, name: str) -> None:
    """They change nothing, and nothing of them stays behind."""
    said = {"status_code": 200, "status_message": "OK", "response": {"Messages": [NO_CODE]}}
    body = json.dumps({**said, **EXTRAS[name]}).encode()
    async with fault_server(default=processed(answer(200, body))) as server:
        trial = Trial(tmp_path, server, story)
        told = await trial.send()

        assert told.failures == {}
        assert told.report.accepted == 40
        kept = trial.journal.read_bytes().count(EXTRA.encode()) + repr(told).count(EXTRA)
        assert kept == 0
        story.saw(f"{kept} traces in the report and the journal")
        await trial.end_well()
