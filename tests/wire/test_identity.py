"""Digests and transaction ids: vectors that must never change, and no two inputs alike."""

import uuid
from itertools import pairwise
from typing import Any, TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async._wire.identity import (
    FORMAT,
    RunIdentity,
    encode_ids,
    ids_digest,
    random_transaction_id,
    run_id,
    template_digest,
)

RUN = RunIdentity(
    run_id=uuid.UUID("00000000-0000-4000-8000-000000000001"),
    base_url="https://api.pushwoosh.com",
    target="XXXXX-XXXXX",
)
TEMPLATE = "ab" * 32
lists = st.lists(st.text(max_size=6), max_size=6)


def digest(ids: list[str]) -> bytes:
    """Digest a list as the plan does."""
    return ids_digest(encode_ids(ids))


def test_vectors_belong_to_format_1() -> None:
    """Whoever changes a recipe raises the format and makes new vectors."""
    assert FORMAT == 1


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"),
        (["u1"], "b3b63cb33d04f00d79291d37c20e627a5c56a82532eefac9dec373c1ec683df3"),
        (["u1", "u2"], "a36f8fee8bdb4b1b61c6ee554b788fad0f9ae9e89544756f93870569bce2b21c"),
        (["é", "日本", "🙂"], "366ab12bdfde65ffb2333154e56c323d2889fa769d4396c8bf203c63181fc6ba"),
        (["a" * 1000], "1b805a95e1586012481c872c95e2278e84c46540aa5d45d41187c348a7700cbf"),
        (
            ['\x00\x1f\x7f"\\/\u2028'],
            "e2b680323009015292dbb3db1b2542fcddd594436fdb84d2a3e06183134c26c6",
        ),
    ],
)
def test_vectors_of_ids(ids: list[str], expected: str) -> None:
    """The digest of a list of ids is a format."""
    assert digest(ids).hex() == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
        (
            {"send_date": "now", "content": {"en": "Hi", "de": "Hallo"}},
            "57f732b06707c48721052bcc0f2d6820c627af160b469635d9478da0ca34fe3e",
        ),
        (
            {"data": {"b": [1, 2.5, None, True], "a": "é"}},
            "f82b8faca1ba2fbd25781887f84469c57e7b9aaa00165520ca8d63d8427f0797",
        ),
    ],
)
def test_vectors_of_templates(fields: dict[str, Any], expected: str) -> None:
    """The digest of a template is a format; the order of its keys does not enter, at any depth."""
    assert template_digest(fields) == expected
    turned = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in reversed(fields.items())
    }
    assert template_digest(turned) == expected


@pytest.mark.parametrize(
    ("path", "ids", "expected"),
    [
        ("0", ["u1"], "2b6296b5-e9bb-57b1-a22b-3a774e5403ac"),
        ("17", ["u1", "u2"], "6890554f-9fcb-5ca0-8d90-3f12c18663f2"),
        ("17.1", ["é"], "aa80a255-2a28-50c0-aeae-3db3f1da8454"),
    ],
)
def test_vectors_of_transaction_ids(path: str, ids: list[str], expected: str) -> None:
    """The transactionId of a chunk is a format: a resumed run must find the same again."""
    assert RUN.transaction_id(path, "users", TEMPLATE, digest(ids)) == expected


@pytest.mark.parametrize(
    ("send_id", "expected"),
    [
        ("campaign-1", "130e2a34-0d66-50a0-a977-84db96afca8b"),
        ("é", "1a2d7356-0412-5fd0-aa76-fac3620a2fc6"),
        (" ", "3c36c144-ecdd-5a83-ad01-53b9a8387af1"),
    ],
)
def test_vectors_of_run_ids(send_id: str, expected: str) -> None:
    """The run id of a send_id is a format: a second start must find the same again."""
    assert str(run_id(send_id)) == expected


class Text(str):
    """A subclass, whose text could change under our hands."""

    __slots__ = ()


@pytest.mark.parametrize("ids", [[Text("a")], ["a", Text("b")]])
def test_only_plain_texts_are_encoded(ids: list[str]) -> None:
    """What could change between two attempts is not sent at all."""
    with pytest.raises(TypeError):
        encode_ids(ids)


@given(lists, lists)
def test_two_lists_share_a_digest_only_if_they_are_equal(ids: list[str], others: list[str]) -> None:
    """No other division of the same characters has the same digest."""
    assert (digest(ids) == digest(others)) is (ids == others)


@given(st.text(min_size=1, max_size=12), st.lists(st.integers(0, 12), max_size=3), st.data())
def test_every_division_of_a_text_has_its_own_digest(
    text: str, cuts: list[int], data: st.DataObject
) -> None:
    """["ab", "c"] is not ["a", "bc"], in any script."""

    def divided(places: list[int]) -> list[str]:
        edges = [0, *sorted(min(place, len(text)) for place in places), len(text)]
        return [text[a:b] for a, b in pairwise(edges)]

    one = divided(cuts)
    other = divided(data.draw(st.lists(st.integers(0, 12), max_size=3)))
    assert (digest(one) == digest(other)) is (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["a"], ["a", ""]),
        ([], [""]),
        (["é"], ["e\u0301"]),
        (["é"], ["\u00c3\u00a9"]),
        (['a","b'], ["a", "b"]),
        (["\\u0001"], ["\x01"]),
        (["\\"], ["\\\\"]),
        (["a", "b"], ["b", "a"]),
        (["A"], ["a"]),
    ],
)
def test_what_looks_alike_is_not_the_same(one: list[str], other: list[str]) -> None:
    """Divisions, orders, cases, compositions and look-alike lengths are different lists."""
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run_id", uuid.UUID(int=2)),
        ("base_url", "https://api.example.com"),
        ("target", "YYYYY-YYYYY"),
    ],
)
def test_everything_a_run_is_enters_its_transaction_ids(name: str, value: object) -> None:
    """Another run, address or application has other transaction ids."""
    other = attrs.evolve(RUN, **{name: value})  # type: ignore[arg-type]
    same = ("0", "users", TEMPLATE, digest(["u"]))
    assert other.transaction_id(*same) != RUN.transaction_id(*same)


@pytest.mark.parametrize(
    ("path", "kind", "template", "ids"),
    [
        ("1", "users", TEMPLATE, ["u"]),
        ("0", "devices", TEMPLATE, ["u"]),
        ("0", "users", "cd" * 32, ["u"]),
        ("0", "users", TEMPLATE, ["v"]),
    ],
)
def test_everything_a_chunk_is_enters_its_transaction_id(
    path: str, kind: str, template: str, ids: list[str]
) -> None:
    """Another place, kind of ids, message or audience has another transaction id."""
    one = RUN.transaction_id("0", "users", TEMPLATE, digest(["u"]))
    assert RUN.transaction_id(path, kind, template, digest(ids)) != one


_part = st.text(max_size=4)
parts = st.tuples(_part, _part, _part, _part, _part)
Parts: TypeAlias = tuple[str, str, str, str, str]


@given(parts, parts)
def test_parts_do_not_run_together(one: Parts, other: Parts) -> None:
    """All that enters is kept apart: what moves from one part to the next makes another id."""

    def named(parts: Parts) -> str:
        base_url, target, path, kind, template = parts
        run = attrs.evolve(RUN, base_url=base_url, target=target)
        return run.transaction_id(path, kind, template, b"")

    assert (named(one) == named(other)) is (one == other)


@given(st.text(max_size=5), st.text(max_size=5))
def test_send_ids_are_told_apart(one: str, other: str) -> None:
    """Equal send_ids make one run id, others another."""
    assert (run_id(one) == run_id(other)) is (one == other)


def test_without_a_send_id_every_run_is_another() -> None:
    """A random run id, and a random transaction id for a single call, never come twice."""
    assert len({run_id(None) for _ in range(100)}) == 100
    assert len({random_transaction_id() for _ in range(100)}) == 100
    assert uuid.UUID(random_transaction_id()).version == 4
