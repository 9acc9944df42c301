"""Every error of ours: a tree as drawn, a delivery on each, pickles that lose nothing."""

import copy
import inspect
import pickle
import re
from typing import Any

import pytest

from pushwoosh_async import SendReport, errors
from pushwoosh_async.errors import (
    APIError,
    ConfigurationError,
    FilterSyntaxError,
    InputChangedError,
    PushwooshError,
    RunStoppedError,
    TransportError,
)
from pushwoosh_async.targeting.recipients import check_ids

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, BaseException)
]
CALL = {"method": "createMessage", "transaction_ids": ("t1", "t2")}
API = {
    **CALL,
    "http_status": 200,
    "status_code": 210,
    "status_message": "No notifications",
    "errors": [{"message": "m", "type": "syntax"}],
    "retry_after": 2.5,
    "delivery": "rejected",
}


def make(kind: type[PushwooshError]) -> PushwooshError:
    """Make an error of a class with something in every attribute."""
    keywords: dict[str, Any]
    if issubclass(kind, FilterSyntaxError):
        keywords = {"line": 2, "column": 7, "expected": ("')'", "a tag")}
    elif issubclass(kind, ConfigurationError):
        keywords = {}
    elif issubclass(kind, InputChangedError):
        keywords = {"expected": "1000 recipients", "found": 999}
    elif issubclass(kind, RunStoppedError):
        keywords = {"report": SendReport(accepted=3, in_doubt=1, not_sent=2)}
    elif issubclass(kind, APIError):
        keywords = API
    elif issubclass(kind, TransportError):
        keywords = {**CALL, "permanent": True, "delivery": "not_sent"}
    else:
        keywords = {**CALL, "delivery": "not_sent"}
    return kind("what happened", **keywords)


def drawn() -> dict[str, str]:
    """Read child and parent out of the tree in the module's docstring."""
    tree: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^(?P<lead>[ │├└─]+)(?P<name>[A-Z]\w+)(?:\s|$)", line)
        if found is None or not (line.strip() == "Exception" or "── " in line):
            continue
        depth = len(found["lead"])
        while above and above[-1][0] >= depth:
            above.pop()
        if above:
            tree[found["name"]] = above[-1][1]
        above.append((depth, found["name"]))
    return tree


def test_tree_is_as_drawn() -> None:
    """The module's drawing holds every class, under the base it has."""
    assert drawn() == {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}
    assert issubclass(ConfigurationError, ValueError)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_has_the_common_attributes(kind: type[PushwooshError]) -> None:
    """Delivery, method, transaction ids and report are on all of ours."""
    error = make(kind)
    assert error.delivery in {"not_sent", "rejected", "in_doubt"}
    assert error.method in {None, "createMessage"}
    assert error.transaction_ids in {(), ("t1", "t2")}
    assert error.report is None or kind is RunStoppedError


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_a_pickle(kind: type[PushwooshError], protocol: int) -> None:
    """Class, text, notes and every attribute come back."""
    error = make(kind)
    error.report = SendReport(accepted=1, not_sent=4)
    error.add_note("An earlier attempt may have been delivered.")

    back = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 -- our own bytes

    assert type(back) is kind
    assert back.args == error.args
    assert str(back) == str(error)
    assert vars(back) == vars(error)
    assert back.__notes__ == error.__notes__


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_every_error_survives_a_copy(kind: type[PushwooshError], copied: Any) -> None:
    """A copy has everything the original has."""
    error = make(kind)
    assert vars(copied(error)) == vars(error)
    assert str(copied(error)) == str(error)


def test_doubt_is_the_default() -> None:
    """An error that is told nothing does not claim that nothing was sent."""
    assert PushwooshError("x").delivery == "in_doubt"
    assert TransportError("x").delivery == "in_doubt"
    assert APIError("x", http_status=200).delivery == "in_doubt"
    assert not TransportError("x").permanent


def test_configuration_errors_say_that_nothing_was_sent() -> None:
    """A refused value never reached the server."""
    assert ConfigurationError("x").delivery == "not_sent"
    with pytest.raises(ValueError, match="x"):
        raise ConfigurationError("x")


@pytest.mark.parametrize(
    ("report", "delivery"),
    [
        (SendReport(), "not_sent"),
        (SendReport(not_sent=5, rejected=5, invalid=1, duplicates=1), "not_sent"),
        (SendReport(accepted=1, not_sent=5), "in_doubt"),
        (SendReport(in_doubt=1), "in_doubt"),
    ],
)
def test_stopped_run_says_whether_anybody_can_have_got_it(
    report: SendReport, delivery: str
) -> None:
    """Its delivery is not_sent only if nobody was accepted and nobody is in doubt."""
    stopped = RunStoppedError("stopped", report=report)
    assert stopped.delivery == delivery
    assert stopped.report is report


def test_api_errors_are_snapshots() -> None:
    """What the caller does to the list of errors afterwards changes nothing."""
    listed = [{"message": "m"}]
    error = APIError("x", http_status=200, errors=listed)
    listed[0]["message"] = "changed"
    listed.append({})
    assert error.errors == ({"message": "m"},)


def test_arguments_that_are_wrong_have_the_types_they_should() -> None:
    """A wrong type is a plain TypeError, a wrong value ours."""
    with pytest.raises(TypeError) as caught:
        check_ids([1], "users")  # type: ignore[list-item]
    assert not isinstance(caught.value, PushwooshError)
