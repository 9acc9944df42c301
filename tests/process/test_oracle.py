"""The oracle finds every fault it is there to find; else the tests that rest on it say nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from oracle import Arrival, Settled, check, read_ledger, settled

from pushwoosh_async import ChunkOutcome, SendReport
from pushwoosh_async._fanout.journal import Record
from pushwoosh_async._fanout.state import Life, State
from pushwoosh_async._window import Exposure, Stamp

IDS = [f"u{n}" for n in range(60)]
NOW = 1_000_000.0
T0 = Stamp(wall=NOW, boottime=1.0, boot_id="b")
DOUBT = Exposure(T0, in_doubt=True)


def record(path: str, start: int, state: State, **changes: Any) -> Record:
    """Return the record of a chunk of ten, its transactionId being "t" and its path."""
    life = Life(state, changes.pop("exposure", Exposure(T0)), 1, changes.pop("code", None))
    return Record(
        path=path,
        start=start,
        **{"stop": start + 10, "recipients": 10, **changes},
        digest=b"",
        transaction_id=f"t{path}",
        life=life,
    )


def arrival(
    order: int, path: str, start: int, verdict: str = "accepted", **changes: Any
) -> Arrival:
    """Return the arrival of the chunk of that path, a second after its intent."""
    fields = {"code": f"c{path}", "kind": "users", "at": NOW + 1, **changes}
    return Arrival(
        order=order,
        method="createMessage",
        **{"transaction_id": f"t{path}", "ids": tuple(IDS[start : start + 10]), **fields},
        verdict=verdict,
    )


# A run of six chunks: accepted on its repeat, rejected, in doubt and accepted, expired and not,
# begun but not sent, and one that was never begun.
RECORDS = (
    record("0", 0, State.ACCEPTED, exposure=DOUBT, code="c0"),
    record("1", 10, State.REJECTED),
    record("2", 20, State.IN_FLIGHT),
    record("3", 30, State.EXPIRED, exposure=DOUBT),
    record("4", 40, State.PLANNED, exposure=Exposure()),
)
LEDGER = (
    arrival(1, "0", 0),
    arrival(2, "1", 10, "rejected", code=None),
    arrival(3, "2", 20),
    arrival(4, "3", 30, "unprocessed", code=None),
    arrival(5, "0", 0, "replay"),
    arrival(6, "4", 40, "unprocessed", code=None),
)


def chunk(start: int, outcome: Any) -> ChunkOutcome:
    return ChunkOutcome(
        outcome=outcome,
        recipients=10,
        start=start,
        stop=start + 10,
        transaction_id=f"t{start // 10}",
        attempts=1,
        reason="the answer was lost",
    )


REPORT = SendReport(
    accepted=10,
    rejected=10,
    in_doubt=20,
    not_sent=20,
    not_sent_ranges=((40, 60),),
    rejected_chunks=(chunk(10, "rejected"),),
    in_doubt_chunks=(chunk(20, "in_doubt"), chunk(30, "in_doubt")),
)


def complaints(
    arrivals: tuple[Arrival, ...] = LEDGER,
    records: tuple[Record, ...] = RECORDS,
    report: SendReport | None = REPORT,
    **options: Any,
) -> list[str]:
    return check(arrivals, records, report, **{"ids": IDS, **options})


def replaced(index: int, each: Record) -> tuple[Record, ...]:
    return (*RECORDS[:index], each, *RECORDS[index + 1 :])


def test_a_true_run_passes() -> None:
    """With a report and without; also where everything that was settled stayed alone."""
    assert complaints() == []
    assert complaints(report=None) == []
    assert complaints(snapshots=[settled(LEDGER[:5], RECORDS)]) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (arrival(7, "0", 0), "u0 was accepted 2 times"),
        (arrival(7, "2", 20, ids=("stranger",)), "stranger is a stranger"),
        (arrival(7, "2", 20, "replay", kind="broadcast", ids=()), "arrival 7 goes to broadcast"),
        (arrival(7, "5", 50, "unprocessed"), "arrival 7 has no record"),
        (arrival(7, "2", 20, "replay", transaction_id=None), "arrival 7 has no record"),
        (arrival(7, "2", 21, "replay"), "arrival 7 is not for 20 to 30"),
        (arrival(7, "1", 10), "1 is rejected, and was accepted"),
        (arrival(7, "1", 10), "journal: u10 is rejected, and was accepted"),
        (arrival(7, "1", 10), "report: u10 is rejected, and was accepted"),
        (arrival(7, "4", 40), "4 is planned, and was accepted"),
        (arrival(7, "4", 40), "journal: u40 is not_sent, and was accepted"),
        (arrival(7, "5", 50), "report: u50 is not_sent, and was accepted"),
        (
            arrival(7, "3", 30, "replay", at=NOW + 300.5),
            "arrival 7 came 300.5 s after its first attempt",
        ),
    ],
)
def test_an_arrival_too_many(more: Arrival, expected: str) -> None:
    """Each thing that must not arrive is found, and named."""
    assert expected in complaints((*LEDGER, more))


def test_what_never_arrived() -> None:
    """An acceptance that the server knows nothing of is found in the journal and in the report."""
    found = complaints(LEDGER[1:4])

    assert "0 is accepted, and was not" in found
    assert "journal: u9 is accepted, and was not" in found
    assert "report: u9 is accepted, and was not" in found


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (
            replaced(0, record("0", 0, State.ACCEPTED, code="x")),
            "0 has the code of another message",
        ),
        (replaced(2, record("2", 20, State.PLANNED)), "2 is planned, and was accepted"),
        (replaced(2, record("2", 20, State.SPLIT)), "2 is split, and was accepted"),
        (replaced(2, record("2", 20, State.SUPERSEDED)), "2 is superseded, and was accepted"),
        (replaced(1, record("1", 10, State.IN_DOUBT, exposure=DOUBT)), "position 10 is in_doubt"),
        (replaced(4, record("4", 39, State.PLANNED)), "4 covers 39 to 49, which another covers"),
        (replaced(4, record("4", 55, State.PLANNED)), "4 covers 55 to 65 of 60"),
        (replaced(4, record("4", 40, State.PLANNED, recipients=9)), "4 has 9 of 40 to 50"),
        ((*RECORDS, RECORDS[4]), "4 has 2 records"),
        (RECORDS[1:], "arrival 1 has no record"),
    ],
)
def test_a_false_journal(records: tuple[Record, ...], expected: str) -> None:
    """Each lie in a record is found."""
    assert any(each.startswith(expected) for each in complaints(records=records))


def test_what_stands_in_the_place_of_another() -> None:
    """Halves and successors are counted, and those they stand for are not."""
    halves = (
        record("1", 10, State.SPLIT),
        record("1.0", 10, State.ACCEPTED, stop=15, recipients=5),
        record("1.1", 15, State.REJECTED, stop=20, recipients=5),
    )
    expired = record("3", 30, State.SUPERSEDED, exposure=DOUBT)
    again = record("3#1", 30, State.ACCEPTED)
    records = (RECORDS[0], *halves, RECORDS[2], expired, again, RECORDS[4])
    ledger = (
        *LEDGER,
        arrival(7, "1.0", 10, ids=tuple(IDS[10:15])),
        arrival(8, "1.1", 15, "rejected", ids=tuple(IDS[15:20])),
        arrival(9, "3#1", 30),
    )
    report = evolve(
        REPORT,
        accepted=25,
        rejected=5,
        in_doubt=10,
        rejected_chunks=(evolve(chunk(15, "rejected"), stop=20),),
        in_doubt_chunks=(chunk(20, "in_doubt"),),
    )

    assert complaints(ledger, records, report) == []
    assert "1 is split, and was accepted" in complaints(
        (*ledger, arrival(10, "1", 10)), records, report
    )


@pytest.mark.parametrize("name", ["accepted", "rejected", "in_doubt", "not_sent", "invalid"])
def test_a_sum_that_is_off(name: str) -> None:
    """Each count is held against the report's own lists, and all against the source."""
    found = complaints(report=evolve(REPORT, **{name: getattr(REPORT, name) + 1}))

    assert "report: its counts add up to 61 of 60" in found
    assert any(name in each for each in found)


@pytest.mark.parametrize(
    "change",
    [
        {"not_sent_ranges": ((50, 60),)},
        {"not_sent_ranges": ((40, 61),)},
        {"in_doubt_chunks": REPORT.in_doubt_chunks[:1]},
        {"rejected_chunks": (chunk(20, "rejected"),)},
    ],
)
def test_a_list_that_is_off(change: dict[str, Any]) -> None:
    """So is each list."""
    assert complaints(report=evolve(REPORT, **change)) != []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"transaction_id": "t9"}, "no record has the transactionId of the doubt at 20"),
        ({"reason": ""}, "the doubt at 20 has no reason"),
    ],
)
def test_a_doubt_that_is_not_named(changes: dict[str, Any], expected: str) -> None:
    first, second = REPORT.in_doubt_chunks
    report = evolve(REPORT, in_doubt_chunks=(evolve(first, **changes), second))
    assert complaints(report=report) == [f"report: {expected}"]


def test_a_report_that_contradicts_the_journal() -> None:
    """Sums may come out, and the same people be meant all the same."""
    swapped = evolve(
        REPORT,
        rejected_chunks=(chunk(30, "rejected"),),
        in_doubt_chunks=(chunk(10, "in_doubt"), chunk(20, "in_doubt")),
    )

    assert "position 10 is rejected in the journal and in_doubt in the report" in complaints(
        report=swapped
    )


def test_a_poisoned_journal() -> None:
    """It may call in doubt what the report knows, and nothing else."""
    known = evolve(REPORT, accepted=20, in_doubt=10, in_doubt_chunks=(chunk(30, "in_doubt"),))
    assert complaints(report=known) != []
    assert complaints(report=known, poisoned=True) == []

    forgotten = replaced(0, record("0", 0, State.PLANNED))
    expected = "position 0 is not_sent in the journal and accepted in the report"
    assert expected in complaints(records=forgotten, poisoned=True)


def test_what_is_requested_again() -> None:
    """A settled chunk that arrives once more is found even where the server drops the repeat."""
    snapshot = settled(LEDGER[:4], RECORDS)

    assert snapshot == Settled(4, frozenset({"t0", "t1", "t3"}), (("t2",),))
    assert complaints(snapshots=[snapshot]) == ["arrival 5 repeats what was settled"]


def test_what_was_replaced_is_settled() -> None:
    """Those that others stand for must not be requested again either."""
    replacing = [record("0", 0, State.SPLIT), record("1", 10, State.SUPERSEDED)]

    assert settled((), replacing) == Settled(0, frozenset({"t0", "t1"}))


def packed(path: str, start: int, pack: str, state: State = State.IN_FLIGHT) -> Record:
    """Return the record of a chunk that went with others."""
    return evolve(record(path, start, state), pack=pack)


PACKS = (
    packed("0", 0, "0", State.ACCEPTED),
    packed("1", 10, "1"),
    packed("2", 20, "1"),
    packed("3", 30, "1", State.IN_DOUBT),
    packed("4", 40, "4", State.PLANNED),
    record("5", 50, State.IN_FLIGHT),
)


def test_what_must_stay_together() -> None:
    """Doubts that were sent in one request, and those alone; what is settled or unsent is in neither."""
    assert settled((), PACKS).packs == (("t1", "t2", "t3"), ("t5",))


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        (["123"], []),
        (["4", "123", "12", "3", "1", "2"], []),
        (["4", "5"], []),
        (["12", "3"], ["the pack of t1 is not repeated as it was"]),
        (["132"], ["the pack of t1 is not repeated as it was"]),
        (["3", "123"], ["the pack of t1 is not repeated as it was"]),
        (
            ["1234"],
            ["the pack of t1 is not repeated as it was", "the pack of t1 is mixed with others"],
        ),
        (["123", "34"], ["the pack of t1 is mixed with others"]),
        (
            ["45"],
            ["the pack of t5 is not repeated as it was", "the pack of t5 is mixed with others"],
        ),
    ],
)
def test_a_pack_that_is_not_repeated_as_it_was(requests: list[str], expected: list[str]) -> None:
    """A request is what arrives at one instant; each digit is a chunk in it."""
    ledger, order = [], 0
    for number, request in enumerate(requests):
        for path in request:
            order += 1
            at = NOW + 1 + number
            ledger.append(arrival(order, path, int(path) * 10, "unprocessed", at=at))
    records = [evolve(each, life=evolve(each.life, state=State.IN_FLIGHT)) for each in PACKS]

    assert (
        complaints(tuple(ledger), tuple(records), None, snapshots=[settled((), PACKS)]) == expected
    )


def test_a_pack_is_compared_with_the_next_session_alone() -> None:
    """What that session has taken apart, the one after it may find in pieces."""
    ledger = tuple(
        arrival(order, path, int(path) * 10, "unprocessed", at=NOW + at)
        for order, path, at in [(1, "1", 1), (2, "2", 1), (3, "3", 1), (4, "1", 2), (5, "2", 2)]
    )
    records = tuple(evolve(each, life=evolve(each.life, state=State.IN_FLIGHT)) for each in PACKS)
    first, second = settled((), PACKS), Settled(3, frozenset(), (("t1", "t2"), ("t3",)))

    assert complaints(ledger, records, None, snapshots=[first, second]) == []
    assert complaints(ledger, records, None, snapshots=[second]) == []
    assert complaints(ledger[3:], records, None, snapshots=[first]) != []


def test_half_a_line(tmp_path: Path) -> None:
    """What the server was writing when it died was not answered, and is not read."""
    line = {"order": 1, "at": 2.5, "method": "m", "transaction_id": "t", "kind": "users"}
    rest = {"ids": ["a"], "verdict": "accepted", "code": None}
    path = tmp_path / "ledger"
    path.write_text(json.dumps({**line, **rest}) + '\n{"order": 2')

    assert read_ledger(path) == [Arrival(**{**line, **rest, "ids": ("a",)})]  # type: ignore[arg-type]
