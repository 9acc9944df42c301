"""getPushHistory: the seed's rows, every oddity of api.md 1.5, and any other answer."""

from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from readings import context, envelope, error_of, leaves, reply, result_of, trees
from seed_answers import seed_answer

from pushwoosh_async import APIError, InvalidRequestError, UnexpectedResponseError
from pushwoosh_async._wire.decode_history import decode_history
from pushwoosh_async.models.push_history import PushHistoryRow

METHOD = "getPushHistory"
SEED: list[dict[str, Any]] = seed_answer("get_push_history")["response"]["rows"]
# Every key that the vendor declares [ES:1062-1088], and what we call it.
KEYS = {
    "id": "id",
    "code": "code",
    "createDate": "create_date",
    "sendDate": "send_date",
    "content": "content",
    "title": "title",
    "subtitle": "subtitle",
    "url": "url",
    "ios_title": "ios_title",
    "ios_subtitle": "ios_subtitle",
    "ios_root_params": "ios_root_params",
    "android_header": "android_header",
    "android_root_params": "android_root_params",
    "conditions": "conditions",
    "conditions_operator": "conditions_operator",
    "filter_code": "filter_code",
    "filter_name": "filter_name",
    "filter_conditions": "filter_conditions",
    "geozone": "geozone",
    "campaignId": "campaign_id",
    "campaignName": "campaign_name",
    "subscription_segments": "subscription_segments",
    "data": "data",
    "open": "open",
    "sent": "sent",
    "ctr": "ctr",
    "errors": "errors",
}


def moment(text: str) -> datetime:
    """Return an instant without a zone, as the vendor names none."""
    return datetime.fromisoformat(text)


def read(response: object) -> tuple[PushHistoryRow, ...] | APIError:
    """Decode an answer of success."""
    return decode_history(reply(envelope(response)), context(METHOD))


def row(**changes: Any) -> PushHistoryRow:
    """Decode the seed's first row with some fields changed."""
    [found] = result_of(read({"rows": [{**SEED[0], **changes}]}))
    return found


def test_rows_of_the_seed() -> None:
    """Both rows of the vendor's example, field by field [ES:963-1039]."""
    first, second = result_of(read({"rows": SEED}))
    assert first == PushHistoryRow(
        id=10191611434,
        code="8071-07AD1171-77238AD1",
        create_date=moment("2020-09-14 12:26:21"),
        send_date=moment("2020-09-14 12:26:21"),
        content={"en": "Hello!"},
        title={},
        subtitle={},
        url=None,
        ios_title=None,
        ios_subtitle=None,
        android_header=None,
        ios_root_params={},
        android_root_params={},
        data={},
        conditions=(),
        conditions_operator="AND",
        filter_code="E3A64-A5F3C",
        filter_name="Purchased something",
        filter_conditions="#In-app Purchase(≠0)",
        geozone=None,
        campaign_id=None,
        campaign_name=None,
        subscription_segments={},
        open={"C90C0-0E786": {"IOS": 0}},
        sent={"C90C0-0E786": {"IOS": 1}},
        ctr={"C90C0-0E786": 0},
        errors={},
        raw=SEED[0],
    )
    assert (second.id, second.code) == (10191609202, "41CA-83F8E0D7-7A63822B")
    assert second.subscription_segments == {"2D732-BB981": "News"}
    assert second.sent == {"C90C0-0E786": {"CHROME": 1, "IOS": 2}}
    assert second.filter_code is None


def test_every_declared_key_has_a_field() -> None:
    """What the vendor declares, what the sample holds and what a row has are the same."""
    assert {*KEYS.values(), "raw"} == set(attrs.fields_dict(PushHistoryRow))
    assert set(SEED[0]) | set(SEED[1]) <= set(KEYS)


SOME: dict[str, tuple[object, object]] = {  # a value as the server writes it, and what it means
    "id": (7, 7),
    "code": ("AB-CD", "AB-CD"),
    "createDate": ("2021-01-02 03:04:05", moment("2021-01-02 03:04:05")),
    "sendDate": ("2021-01-02 03:04:05", moment("2021-01-02 03:04:05")),
    "content": ({"en": "Hi", "de": "Hallo"}, {"en": "Hi", "de": "Hallo"}),
    "title": ({"en": "T"}, {"en": "T"}),
    "subtitle": ({"en": "S"}, {"en": "S"}),
    "url": ("https://a.example", "https://a.example"),
    "ios_title": ({"en": "T"}, {"en": "T"}),
    "ios_subtitle": ("S", "S"),
    "ios_root_params": ({"aps": {"x": 1}}, {"aps": {"x": 1}}),
    "android_header": ("H", "H"),
    "android_root_params": ({"x": [1]}, {"x": [1]}),
    "conditions": ([["City", "EQ", "Paris"]], (["City", "EQ", "Paris"],)),
    "conditions_operator": ("OR", "OR"),
    "filter_code": ("AAAAA-BBBBB", "AAAAA-BBBBB"),
    "filter_name": ("F", "F"),
    "filter_conditions": ("#x(≠0)", "#x(≠0)"),
    "geozone": ("G", "G"),
    "campaignId": ("AAAAA-BBBBB", "AAAAA-BBBBB"),
    "campaignName": ("C", "C"),
    "subscription_segments": (["a"], ("a",)),
    "data": ({"a": 1}, {"a": 1}),
    "open": ({"A-B": {"IOS": 1, "ANDROID": 2}}, {"A-B": {"IOS": 1, "ANDROID": 2}}),
    "sent": ({"A-B": {"IOS": "10"}}, {"A-B": {"IOS": 10}}),
    "ctr": ({"A-B": 12.5, "C-D": "1"}, {"A-B": 12.5, "C-D": 1}),
    "errors": ({"ANDROID": 1, "IOS": "2"}, {"ANDROID": 1, "IOS": 2}),
}
EMPTY: dict[str, object] = {
    "id": 0,
    "conditions": (),
    **{
        key: {} for key in ("content", "title", "subtitle", "open", "sent", "ctr", "errors", "data")
    },
    **{key: {} for key in ("ios_root_params", "android_root_params")},
}


@pytest.mark.parametrize("key", KEYS)
def test_value_of_each_key(key: str) -> None:
    """Each key fills its own field."""
    written, meant = SOME[key]
    assert getattr(row(**{key: written}), KEYS[key]) == meant


@pytest.mark.parametrize("empty", ["", [], {}, None], ids=repr)
@pytest.mark.parametrize("key", KEYS)
def test_empty_value_of_each_key(key: str, empty: object) -> None:
    """Whichever empty value the server writes, each field has one: None, 0, or a collection's."""
    found = getattr(row(**{key: empty}), KEYS[key])
    if key == "subscription_segments":
        assert not found
        assert found is not None
    else:
        assert found == EMPTY.get(key)


@pytest.mark.parametrize("key", KEYS)
def test_missing_key(key: str) -> None:
    """A key that is not there is an empty one; the sample lacks four of those declared."""
    lacking = {name: value for name, value in SEED[0].items() if name != key}
    [found] = result_of(read({"rows": [lacking]}))
    assert getattr(found, KEYS[key]) == getattr(row(**{key: None}), KEYS[key])


@pytest.mark.parametrize(
    ("key", "written", "meant"),
    [
        ("id", "10191611434", 10191611434),
        ("id", "0", 0),
        ("id", "x", 0),
        ("createDate", "0000-00-00 00:00:00", None),
        ("content", "Hi", {"": "Hi"}),
        ("subscription_segments", {"A-B": "News"}, {"A-B": "News"}),
        ("ios_root_params", '{"aps": {}}', {"aps": {}}),
        ("conditions", '[["City", "EQ", "Paris"]]', (["City", "EQ", "Paris"],)),
        ("conditions", {"City": "Paris"}, ()),
        ("data", '{"a": 1}', {"a": 1}),
        ("open", {"A-B": "", "C-D": {"IOS": 1}}, {"A-B": {}, "C-D": {"IOS": 1}}),
        ("open", {"A-B": []}, {"A-B": {}}),
        ("sent", {"A-B": {"IOS": 1.0, "MAC": None}}, {"A-B": {"IOS": 1}}),
        ("ctr", {"A-B": "12.5", "C-D": "", "E-F": None}, {"A-B": 12.5}),
    ],
)
def test_oddities(key: str, written: object, meant: object) -> None:
    """Texts for counts, objects for lists, JSON in texts: read, or missing and in `raw`."""
    found = row(**{key: written})
    assert getattr(found, KEYS[key]) == meant
    assert found.raw[key] == written


@pytest.mark.parametrize(
    "response",
    [None, {}, [], "", {"rows": []}, {"rows": None}, {"rows": {}}, {"rows": ""}],
    ids=repr,
)
def test_page_without_rows(response: object) -> None:
    """However nothing is written, it is the end of the history."""
    assert result_of(read(response)) == ()


@pytest.mark.parametrize("rows", [5, "x", True, {"1": {}}, [5], [None], [[]], [{"id": 1}, ""]])
def test_rows_that_are_none_are_an_error(rows: object) -> None:
    """What is no list of objects is not taken for the end: rows would be missed in silence."""
    error_of(read({"rows": rows}), UnexpectedResponseError, "in_doubt")


def test_refusal() -> None:
    """A 210 is one here, too."""
    outcome = decode_history(reply(envelope(None, 210, "Invalid searchBy")), context(METHOD))
    error_of(outcome, InvalidRequestError, "rejected")


junk = trees("rows", *KEYS) | trees("A-B", "IOS").map(
    lambda tree: {"rows": [dict.fromkeys(KEYS, tree)]}
)


@settings(max_examples=300, deadline=None)
@given(junk)
def test_any_response_is_rows_or_our_error(response: object) -> None:
    """Nothing raises; rows have the declared types whatever the server wrote."""
    found = read(response)
    if isinstance(found, APIError):
        error_of(found, UnexpectedResponseError, "in_doubt")
        return
    for each in found:
        assert type(each.id) is int
        assert all(isinstance(text, str) for text in each.content.values())
        assert all(type(n) is int for counts in each.open.values() for n in counts.values())
        assert all(type(n) is int for n in each.errors.values())
        assert isinstance(each.conditions, tuple)


@settings(max_examples=200, deadline=None)
@given(leaves)
def test_any_value_in_a_field_is_read_or_left_out(value: object) -> None:
    """The same, with one value in every field of a row."""
    [found] = result_of(read({"rows": [dict.fromkeys(KEYS, value)]}))
    assert found.raw["code"] == value
