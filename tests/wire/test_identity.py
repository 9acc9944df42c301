"""Digests and transaction ids: vectors that must never change, and no two inputs alike."""

import uuid
from itertools import pairwise
from typing import Any

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
    kind="users",
    template_digest="ab" * 32,
)
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
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (["u1"], "3c4c6b9c7f469c1dc0de2f5c0480a7054979834e3158d0811e02f6d4b91ca514"),
        (["u1", "u2"], "62444900b0403d0c7a8942c98fc2b5cef65a1b5762d138465a46b40b0c5f0dd3"),
        (["é", "日本", "🙂"], "630081debe49a6a9b1fd0627658a60a85185936a8e8d620023287d084fab82c3"),
        (["a" * 1000], "a11cda39170bca1cbd1427f45e71a868824c85d4a169059d700dafca14a011ed"),
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
        ("0", ["u1"], "ee6410fb-9d8a-52bb-8bd7-558216233eac"),
        ("17", ["u1", "u2"], "3d5c9325-91d2-5077-b472-98d102a080bd"),
        ("17.1", ["é"], "6602a366-b1b0-5335-883d-09034ef5aad4"),
    ],
)
def test_vectors_of_transaction_ids(path: str, ids: list[str], expected: str) -> None:
    """The transactionId of a chunk is a format: a resumed run must find the same again."""
    assert RUN.transaction_id(path, digest(ids)) == expected


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
        (["\x01\x00\x00\x00a"], ["\x01", "a"]),
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
        ("kind", "devices"),
        ("template_digest", "cd" * 32),
    ],
)
def test_everything_a_run_is_enters_its_transaction_ids(name: str, value: object) -> None:
    """Another run, address, application, kind or message has other transaction ids."""
    other = attrs.evolve(RUN, **{name: value})  # type: ignore[arg-type]
    assert other.transaction_id("0", digest(["u"])) != RUN.transaction_id("0", digest(["u"]))


@given(
    st.tuples(st.text(max_size=4), st.text(max_size=4), st.text(max_size=4)),
    st.tuples(st.text(max_size=4), st.text(max_size=4), st.text(max_size=4)),
)
def test_parts_do_not_run_together(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Address, target and path are kept apart: what moves from one to the next makes another id."""

    def named(parts: tuple[str, str, str]) -> str:
        return attrs.evolve(RUN, base_url=parts[0], target=parts[1]).transaction_id(parts[2], b"")

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
