"""One template, texts for each: everybody in one notification, equals together, the same every time."""

import asyncio
import json
import tracemalloc
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, closing
from itertools import count, islice
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.models.notification import Notification
from pushwoosh_async.personalised import AsyncPersonalised, Personalised, personalise
from pushwoosh_async.sources import RowFile, read_rows

Recipient = tuple[str, dict[str, str]]

TEMPLATE = Notification(content="Hello {name}", send_date="now")
TEXTS = st.sampled_from(
    [{}, {"name": "Ada"}, {"name": "Bob"}, {"city": "Ada"}, {"name": "Ada", "city": "Köln"}]
)


def numbered(texts: Iterable[dict[str, str]]) -> list[Recipient]:
    """Ids that tell their position."""
    return [(f"u{position}", each) for position, each in enumerate(texts)]


# A few recipients that mix; or stretches of equal ones, longer than a notification can be.
MIXED = st.tuples(st.lists(TEXTS, max_size=30).map(numbered), st.integers(1, 12))
STRETCHES = st.tuples(
    st.lists(st.tuples(TEXTS, st.sampled_from([1, 10, 999, 1000, 1001])), max_size=4).map(
        lambda parts: numbered(texts for texts, count in parts for _ in range(count))
    ),
    st.integers(500, 4000),
)
CASES = MIXED | STRETCHES


def ids_of(notification: Notification) -> list[str]:
    return list(notification.users or ())


def texts_of(notification: Notification) -> dict[str, str]:
    return dict(notification.dynamic_content_placeholders or {})


def by_definition(recipients: Sequence[Recipient], look_ahead: int) -> list[Notification]:
    """What the documentation says, as short as it can be said, and slow."""
    made: list[tuple[int, dict[str, str], list[str]]] = []
    for position, (one, texts) in enumerate(recipients):
        for first, theirs, ids in made:
            if theirs == texts and len(ids) < 1000 and position - first < look_ahead:
                ids.append(one)
                break
        else:
            made.append((position, texts, [one]))
    return [
        attrs.evolve(TEMPLATE, users=ids, dynamic_content_placeholders=texts or None)
        for _, texts, ids in made
    ]


async def streamed(items: Iterable[Any]) -> AsyncGenerator[Any, None]:
    for item in items:
        yield item


def gathered(made: AsyncPersonalised) -> list[Notification]:
    async def gather() -> list[Notification]:
        return [notification async for notification in made]

    return asyncio.run(gather())


# --- Who is in which notification ---


@given(CASES)
def test_everybody_is_in_one_notification_with_his_own_texts(
    case: tuple[list[Recipient], int],
) -> None:
    """Every input position is in exactly one, none holds nobody or over 1000, and all else is equal."""
    recipients, look_ahead = case
    made = list(personalise(TEMPLATE, recipients, look_ahead=look_ahead))
    told = {one: texts_of(notification) for notification in made for one in ids_of(notification)}
    assert told == dict(recipients)
    sizes = [len(ids_of(notification)) for notification in made]
    assert sum(sizes) == len(recipients)
    assert all(1 <= size <= 1000 for size in sizes)
    for notification in made:
        bare = attrs.evolve(notification, users=None, dynamic_content_placeholders=None)
        assert bare == TEMPLATE


@given(CASES)
@example((numbered([{"name": "Ada"}, {}] * 1500), 4000))
def test_equal_texts_within_the_look_ahead_share_one(case: tuple[list[Recipient], int]) -> None:
    """Equals less than `look_ahead` behind a notification's first join it; in order of the first."""
    recipients, look_ahead = case
    made = list(personalise(TEMPLATE, recipients, look_ahead=look_ahead))
    assert made == by_definition(recipients, look_ahead)


@given(CASES, st.lists(st.integers(0, 50), max_size=30))
def test_pages_do_not_show(case: tuple[list[Recipient], int], sizes: list[int]) -> None:
    """A list, a stream of pairs and pages of any sizes give the same notifications in the same order."""
    recipients, look_ahead = case
    rest = iter(recipients)
    pages = [list(islice(rest, size)) for size in sizes]
    taken = sum(map(len, pages))
    mixed = [*pages, *recipients[taken : taken + 3], recipients[taken + 3 :]]
    expected = list(personalise(TEMPLATE, recipients, look_ahead=look_ahead))
    assert gathered(personalise(TEMPLATE, streamed(recipients), look_ahead=look_ahead)) == expected
    assert gathered(personalise(TEMPLATE, streamed(mixed), look_ahead=look_ahead)) == expected


@given(CASES)
def test_no_more_are_held_than_the_look_ahead(case: tuple[list[Recipient], int]) -> None:
    """Recipients are read as notifications are asked for, never more than `look_ahead` in advance."""
    recipients, look_ahead = case
    read = given_out = 0

    def source() -> Iterator[Recipient]:
        nonlocal read
        for recipient in recipients:
            read += 1
            yield recipient

    for notification in personalise(TEMPLATE, source(), look_ahead=look_ahead):
        assert read - given_out <= look_ahead
        given_out += len(ids_of(notification))
    assert given_out == len(recipients)


def test_memory_is_that_of_the_look_ahead() -> None:
    """20,000 recipients with different texts take the memory of 500."""
    recipients = ((f"u{number}", {"name": str(number)}) for number in range(20_000))
    tracemalloc.start()
    try:
        count = sum(1 for _ in personalise(TEMPLATE, recipients, look_ahead=500))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 2_000_000


def test_the_usual_look_ahead() -> None:
    """By default 10,000 recipients are looked at: equals that far apart share, one further do not."""
    others = [{"n": str(number)} for number in range(9_998)]
    near = list(personalise(TEMPLATE, numbered([{}, *others, {}])))
    far = list(personalise(TEMPLATE, numbered([{}, *others, {"n": "one more"}, {}])))
    assert (ids_of(near[0]), len(near)) == (["u0", "u9999"], 9_999)
    assert (ids_of(far[0]), len(far)) == (["u0"], 10_001)


def test_a_full_notification_waits_for_those_before_it() -> None:
    """The order is that of the first recipients, also where a later notification is full earlier."""
    recipients = numbered([{"name": "Ada"}, *[{"name": "Bob"}] * 1001, {"name": "Ada"}])
    made = list(personalise(TEMPLATE, recipients))
    assert [(ids_of(each)[0], len(ids_of(each))) for each in made] == [
        ("u0", 2),
        ("u1", 1000),
        ("u1001", 1),
    ]


def test_a_full_notification_does_not_wait_for_the_look_ahead() -> None:
    """A thousand equals are given as soon as they are there."""
    endless: Iterator[Recipient] = ((f"u{number}", {}) for number in count())
    with closing(iter(personalise(TEMPLATE, endless))) as made:
        assert len(ids_of(next(made))) == 1000


def test_the_order_of_keys_does_not_matter() -> None:
    """Texts are equal whatever order their placeholders are given in."""
    recipients = numbered([{"a": "1", "b": "2"}, {"b": "2", "a": "1"}])
    (made,) = personalise(TEMPLATE, recipients)
    assert ids_of(made) == ["u0", "u1"]


def test_an_id_that_comes_twice_is_sent_to_twice() -> None:
    """It is positions that count: with other texts in two notifications, with equal ones in one."""
    recipients = [("u", {"name": "Ada"}), ("u", {"name": "Bob"}), ("u", {"name": "Ada"})]
    made = list(personalise(TEMPLATE, recipients))
    assert [(ids_of(each), texts_of(each)["name"]) for each in made] == [
        (["u", "u"], "Ada"),
        (["u"], "Bob"),
    ]


def test_devices() -> None:
    """The ids are devices where that is said."""
    (made,) = personalise(TEMPLATE, [("d1", {"name": "Ada"})], by="devices")
    assert (made.devices, made.users) == (("d1",), None)


def test_nobody() -> None:
    """No recipients, no notification: nothing that could reach everybody."""
    assert list(personalise(TEMPLATE, [])) == []
    assert gathered(personalise(TEMPLATE, streamed([[], []]))) == []


# --- Which texts ---


def test_the_templates_own_texts_are_defaults() -> None:
    """A recipient's texts go before the template's; what is equal in the end is merged."""
    template = attrs.evolve(TEMPLATE, dynamic_content_placeholders={"name": "you", "city": "Rome"})
    recipients = numbered([{}, {"name": "Ada"}, {"city": "Rome"}, {"zip": "1"}])
    made = list(personalise(template, recipients))
    assert [(ids_of(each), texts_of(each)) for each in made] == [
        (["u0", "u2"], {"name": "you", "city": "Rome"}),
        (["u1"], {"name": "Ada", "city": "Rome"}),
        (["u3"], {"name": "you", "city": "Rome", "zip": "1"}),
    ]


@pytest.mark.parametrize("own", [None, {}, {"name": "you"}])
def test_without_texts_the_template_goes_out_as_it_is(own: dict[str, str] | None) -> None:
    """A recipient without texts gets what the template says, on the wire too."""
    template = attrs.evolve(TEMPLATE, dynamic_content_placeholders=own)
    (made,) = personalise(template, [("u1", {})])
    assert made == attrs.evolve(template, users=["u1"])


@pytest.mark.parametrize("paged", [False, True])
def test_texts_are_copied_when_they_are_read(paged: bool) -> None:
    """A source may use one dict for all: each recipient has what was in it at his time."""

    async def reusing() -> AsyncIterator[Recipient]:
        texts: dict[str, str] = {}
        for name in ("Ada", "Bob", "Ada"):
            texts["name"] = name
            yield f"{name}", texts
        texts["name"] = "nobody"

    async def in_pages() -> AsyncIterator[list[Recipient]]:
        async for pair in reusing():
            page = [pair]
            yield page
            page.clear()

    made = gathered(personalise(TEMPLATE, in_pages() if paged else reusing()))
    assert [(ids_of(each), texts_of(each)["name"]) for each in made] == [
        (["Ada", "Ada"], "Ada"),
        (["Bob"], "Bob"),
    ]


class Word(str):
    """A str that is not quite one."""

    __slots__ = ()


class Texts(Mapping[str, str]):
    """A mapping that is no dict."""

    def __getitem__(self, key: str) -> str:
        return {"name": "Ada"}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["name"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize("texts", [Texts(), {"name": Word("Ada")}, {Word("name"): "Ada"}])
def test_any_mapping_of_texts_is_taken(texts: Mapping[str, str]) -> None:
    """Another mapping, or a subclass of str, is the same as a plain dict of its texts."""
    (made,) = personalise(TEMPLATE, [("u1", {"name": "Ada"}), ("u2", texts)])
    assert ids_of(made) == ["u1", "u2"]
    assert {type(text) for pair in texts_of(made).items() for text in pair} == {str}


# --- Bad input ---


WRONG: list[tuple[Any, type[Exception], str]] = [
    ("ab", TypeError, "recipients[2]: expected a pair (id, placeholders), got str"),
    ("", TypeError, "recipients[2]: expected a pair (id, placeholders), got str"),
    (b"", TypeError, "recipients[2]: expected a pair (id, placeholders), got bytes"),
    ((), TypeError, "recipients[2]: expected a pair (id, placeholders), got a tuple of 0"),
    (7, TypeError, "recipients[2]: expected a pair (id, placeholders), got int"),
    (None, TypeError, "recipients[2]: expected a pair (id, placeholders), got NoneType"),
    (("c",), TypeError, "recipients[2]: expected a pair (id, placeholders), got a tuple of 1"),
    (
        ("c", {}, {}),
        TypeError,
        "recipients[2]: expected a pair (id, placeholders), got a tuple of 3",
    ),
    ((4711, {}), TypeError, "recipients[2].id: expected a str, got int"),
    ((Word("canary-4711"), {}), TypeError, "recipients[2].id: expected a str, got Word"),
    ((b"c", {}), TypeError, "recipients[2].id: expected a str, got bytes"),
    (("c", None), TypeError, "recipients[2].placeholders: expected a dict of str, got None"),
    (("c", "4711"), TypeError, "recipients[2].placeholders: expected a dict of str, got str"),
    (
        ("c", [("a", "b")]),
        TypeError,
        "recipients[2].placeholders: expected a dict of str, got list",
    ),
    (("c", {"n": 4711}), TypeError, "recipients[2].placeholders.n: expected a str, got int"),
    (("c", {"n": None}), TypeError, "recipients[2].placeholders.n: expected a str, got None"),
    (("c", {"n": ["4711"]}), TypeError, "recipients[2].placeholders.n: expected a str, got list"),
    (
        ("c", {4711: "n"}),
        TypeError,
        "recipients[2].placeholders: expected keys that are str, got int",
    ),
    (("4711\ud800", {}), ConfigurationError, "recipients[2].id: holds half of a surrogate pair"),
    (
        ("c", {"n": "4711\ud800"}),
        ConfigurationError,
        "recipients[2].placeholders.n: holds half of a surrogate pair",
    ),
]


@pytest.mark.parametrize("paged", [False, True])
@pytest.mark.parametrize(("wrong", "kind", "message"), WRONG)
def test_a_bad_recipient_is_named_by_position(
    wrong: Any, kind: type[Exception], message: str, paged: bool
) -> None:
    """The error tells where and which rule, never the value; those before it were given."""
    recipients: list[Any] = [("a", {"n": "1"}), ("b", {"n": "2"}), wrong]
    source = [recipients[:1], recipients[1:]] if paged else recipients
    found: list[str] = []

    async def collect() -> None:
        async for notification in personalise(TEMPLATE, streamed(source), look_ahead=1):
            found.extend(ids_of(notification))

    with pytest.raises(kind) as refused:
        asyncio.run(collect())
    assert str(refused.value).startswith(message)
    assert "4711" not in str(refused.value)
    assert (refused.value.__cause__, refused.value.__context__) == (None, None)
    assert found == ["a", "b"]


@pytest.mark.parametrize("bad", ["", " a", "x" * 2000, "\u200b"])
def test_the_rules_of_ids_are_asked_when_it_is_sent(bad: str) -> None:
    """An id that breaks one is passed on: the sender's `invalid` decides."""
    (made,) = personalise(TEMPLATE, [("a", {}), (bad, {})])
    assert ids_of(made) == ["a", bad]


@pytest.mark.parametrize(
    "recipients", [None, 7, "users", b"users", {"u1": {"name": "Ada"}}, bytearray(b"u")], ids=repr
)
def test_what_is_no_source_is_refused_by_the_call(recipients: Any) -> None:
    """A mapping, text or number is told what is wanted."""
    with pytest.raises(
        TypeError, match="recipients: expected an iterable or async iterable of pairs"
    ):
        personalise(TEMPLATE, recipients)


def test_a_page_among_pairs_that_are_not_streamed() -> None:
    """An iterable gives pairs; pages are for streams, so a list of lists is told so."""
    with pytest.raises(TypeError, match=r"recipients\[0\]: expected a pair .* got list"):
        list(personalise(TEMPLATE, [[("u1", {})]]))  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("template", "options", "kind", "message"),
    [
        ("Hello", {}, TypeError, "notification: expected a Notification, got str"),
        (Notification(users=["u1"]), {}, ConfigurationError, "personalise takes one without users"),
        (Notification(devices=["d"]), {}, ConfigurationError, "takes one without devices"),
        (Notification(filter="f"), {}, ConfigurationError, "takes one without filter"),
        (Notification(transaction_id="T"), {}, ConfigurationError, "without transaction_id"),
        (Notification.from_wire({"send_rate": 7}), {}, ConfigurationError, "send_rate: must be"),
        (TEMPLATE, {"by": "tags"}, ConfigurationError, "by: must be one of 'users', 'devices'"),
        (TEMPLATE, {"by": None}, TypeError, "by: expected a str, got NoneType"),
        (TEMPLATE, {"look_ahead": 0}, ConfigurationError, "look_ahead: must be at least 1, not 0"),
        (TEMPLATE, {"look_ahead": True}, TypeError, "look_ahead: expected an int, got bool"),
        (TEMPLATE, {"look_ahead": 1.5}, TypeError, "look_ahead: expected an int, got float"),
    ],
)
def test_a_bad_call_is_refused_at_once(
    template: Any, options: Any, kind: type[Exception], message: str
) -> None:
    """What is wrong with the template or an option is said by the call, before anything is read."""
    with pytest.raises(kind, match=message):
        personalise(template, [], **options)


# --- The source ---


def test_a_list_is_read_anew_each_time() -> None:
    """Iterating once more gives the same again; a generator is used up, as ever."""
    again = personalise(TEMPLATE, [("u1", {})])
    once = personalise(TEMPLATE, iter([("u1", {})]))
    assert [len(list(again)), len(list(again))] == [1, 1]
    assert [len(list(once)), len(list(once))] == [1, 0]


async def failing(log: list[str]) -> AsyncGenerator[Recipient, None]:
    try:
        yield "u1", {"n": "1"}
        yield "u2", {"n": "2"}
        yield "u3", {"n": "3"}
        raise OSError("the source is gone")
    finally:
        log.append("closed")


async def test_what_is_held_is_not_given_where_the_source_fails() -> None:
    """Its error comes through; what others might still have joined is left for a resume."""
    made = aiter(personalise(TEMPLATE, failing([]), look_ahead=2))
    assert [ids_of(await anext(made)) for _ in range(2)] == [["u1"], ["u2"]]
    with pytest.raises(OSError, match="the source is gone"):
        await anext(made)


async def test_leaving_early_closes_a_generator() -> None:
    """Whoever stops asking does not leave the source open."""
    log: list[str] = []
    made = aiter(personalise(TEMPLATE, failing(log), look_ahead=1))
    assert isinstance(made, AsyncGenerator)
    async with aclosing(made):
        await anext(made)
        assert log == []
    assert log == ["closed"]


def test_leaving_early_closes_a_generator_that_is_not_async() -> None:
    """The same without a loop; an iterator that is no generator is left to its owner."""
    log: list[str] = []

    def source() -> Generator[Recipient, None, None]:
        try:
            yield "u1", {}
            yield "u2", {}
        finally:
            log.append("closed")

    kept = source()  # so that it is not closed by being forgotten
    with closing(iter(personalise(TEMPLATE, kept, look_ahead=1))) as made:
        next(made)
        assert log == []
    assert log == ["closed"]


# --- Files, and what a journal keeps of them ---


def csv_file(folder: Path, name: str = "users.csv") -> Path:
    path = folder / name
    rows = "".join(f"u{number},Name {number % 3},Köln\n" for number in range(40))
    path.write_text(f"id,first_name,city\n{rows}", encoding="utf-8")
    return path


def of_file(path: Path, **options: Any) -> AsyncPersonalised:
    rows = read_rows(path, column="id", placeholders={"firstname": "first_name"}, page_size=7)
    return personalise(TEMPLATE, rows, **options)


async def test_a_file(tmp_path: Path) -> None:
    """Rows become notifications, equal ones merged, each time anew."""
    made = of_file(csv_file(tmp_path))
    first = [notification async for notification in made]
    assert [texts_of(each) for each in first] == [{"firstname": f"Name {n}"} for n in range(3)]
    assert sum(len(ids_of(each)) for each in first) == 40
    assert [notification async for notification in made] == first


async def test_a_files_fingerprint_is_passed_on(tmp_path: Path) -> None:
    """What tells the file from a changed one is there for the journal; a list has nothing."""
    path = csv_file(tmp_path)
    made = of_file(path)
    before = await made.fingerprint()
    assert before == await read_rows(path, column="id", placeholders=["city"]).fingerprint() != ""
    path.write_text("id,first_name\n")
    assert await made.fingerprint() != before
    assert await personalise(TEMPLATE, []).fingerprint() == ""


async def test_a_recipe_makes_the_same_notifications_again(tmp_path: Path) -> None:
    """From the text alone: file, columns, template, look-ahead and kind of id."""
    made = of_file(csv_file(tmp_path), look_ahead=4, by="devices")
    again = AsyncPersonalised.from_recipe(made.recipe, read_rows)
    assert (again.template, again.by, again.look_ahead) == (TEMPLATE, "devices", 4)
    assert isinstance(again.recipients, RowFile)
    assert again.recipients.placeholders == {"firstname": "first_name"}
    assert again.recipe == made.recipe
    assert [each async for each in again] == [each async for each in made]


async def test_a_recipe_for_a_file_that_has_moved(tmp_path: Path) -> None:
    """Whoever follows the recipe may put another path into it."""
    recipe = of_file(csv_file(tmp_path)).recipe
    assert json.loads(recipe)["path"] == str(tmp_path / "users.csv")
    (tmp_path / "users.csv").rename(tmp_path / "moved.csv")

    def read(**how: Any) -> RowFile:
        return read_rows(**{**how, "path": tmp_path / "moved.csv"})

    assert len([each async for each in AsyncPersonalised.from_recipe(recipe, read)]) == 3


class WithRecipe(list[Recipient]):
    """Recipients that say how they are read, as they please."""

    recipe: Any = ""


@pytest.mark.parametrize("own", ["", "my own words", "[1]", "{}", None, 7, "[" * 100_000])
def test_a_source_without_a_recipe_has_none(own: Any) -> None:
    """Where the recipients cannot be read again, neither can the notifications be made again."""
    recipients = WithRecipe()
    recipients.recipe = own
    assert personalise(TEMPLATE, recipients).recipe == ""


OWN = {"template": {"content": "Hello"}, "by": "users", "look_ahead": 1}


@pytest.mark.parametrize(
    "recipe",
    [
        "",
        "words",
        "[]",
        json.dumps({"path": "a.csv", "format": "csv", "column": "id", "encoding": "utf-8"}),
        json.dumps({"path": "a", "personalise": 1}),
        json.dumps({"path": "a", "personalise": {}}),
        json.dumps({"path": "a", "personalise": {**OWN, "more": 1}}),
        json.dumps({"path": "a", "personalise": {**OWN, "by": "tags"}}),
        json.dumps({"path": "a", "personalise": {**OWN, "look_ahead": 0}}),
        json.dumps({"path": "a", "personalise": {**OWN, "template": {"users": ["u"]}}}),
        json.dumps({"path": "a", "personalise": {**OWN, "template": [1]}}),
    ],
)
def test_what_is_no_recipe_is_refused(recipe: str) -> None:
    """Before the source is made: another recipe, or one that breaks a rule."""

    def read(**how: Any) -> AsyncIterable[Recipient]:
        pytest.fail("the source was made")

    with pytest.raises(ConfigurationError):
        AsyncPersonalised.from_recipe(recipe, read)


def test_the_object_shows_its_template_and_no_recipient() -> None:
    """The repr tells the options; ids and texts are personal."""
    made = personalise(TEMPLATE, [("canary-4711", {"name": "4711"})])
    assert isinstance(made, Personalised)
    assert "4711" not in repr(made)
    assert "look_ahead=10000" in repr(made)
