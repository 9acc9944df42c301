"""Which devices a filter chooses, how its operations bind, and what is no filter."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushwoosh_async.sandbox.devices import Device, Registration
from pushwoosh_async.sandbox.targeting.filter_compiler import compile_filter
from pushwoosh_async.sandbox.targeting.filter_tokens import FilterSyntaxError

TODAY = date(2026, 11, 22)
ONE, TWO = "11111-11111", "22222-22222"


def device(hwid: str, **registrations: Registration) -> Device:
    """Return a device that is registered in `one`, `two` or both."""
    codes = {"one": ONE, "two": TWO}
    return Device(hwid, {codes[name]: each for name, each in registrations.items()})


# Ann has an iPhone and the first application, Bob Android and the second, Cid Chrome and both.
DEVICES = [
    device("ann", one=Registration(1, "ann", tags={"City": "Paris", "Age": 17})),
    device(
        "bob", two=Registration(3, "bob", tags={"City": "Rome", "Age": 20, "Seen": "2026-11-01"})
    ),
    device(
        "cid",
        one=Registration(11, "cid", tags={"Likes": ["a", "b"]}),
        two=Registration(11, "cid", tags={"Age": 40, "City": "Paris"}),
    ),
]


def chosen(text: str) -> str:
    """Return who is in a filter's set."""
    matches = compile_filter(text, TODAY).matches
    return " ".join(each.hwid for each in DEVICES if matches(each))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('A("11111-11111")', "ann cid"),
        ('A("22222-22222")', "bob cid"),
        ('A("33333-33333")', ""),
        ('A("11111-11111", ["iOS"])', "ann"),
        ('A("11111-11111", ["IOS", "chrome"])', "ann cid"),
        ('A("22222-22222", ["iOS"])', ""),
        ('A("11111-11111", ["OsX", "Windows", "Amazon", "Safari", "Firefox"])', ""),
        ('T("City", EQ, "Paris")', "ann cid"),
        ('T("City", NOTEQ, "Paris")', "bob"),
        ('T("Age", IN, [17,20])', "ann bob"),
        ('T("Age", NOTIN, [17,20])', "cid"),
        ('T("Age", GTE, 20)', "bob cid"),
        ('T("Age", LTE, 20)', "ann bob"),
        ('T("Age", BETWEEN, [17, 39])', "ann bob"),
        ('T("Age", GTE, -5)', "ann bob cid"),
        ('T("Likes", IN, ["b", "c"])', "cid"),
        ('T("Likes", ANY, "")', "cid"),
        ('T("Likes", NOTSET, "")', "ann bob"),
        ('T("Seen", GTE, "30 days ago")', "bob"),
        ('T("Seen", GTE, "20 days ago")', ""),
        ('AT("22222-22222", "City", EQ, "Paris")', "cid"),
        ('AT("11111-11111", "City", EQ, "Paris")', "ann"),
        ('AT("11111-11111", "City", NOTSET, "")', "cid"),
        ('A("11111-11111") + A("22222-22222")', "ann bob cid"),
        ('A("11111-11111") * A("22222-22222")', "cid"),
        ('A("11111-11111") \\ A("22222-22222")', "ann"),
        ('A("22222-22222") \\ A("11111-11111")', "bob"),
        (' \t\r\nT ( "City" , EQ , "Rome" ) \n', "bob"),
        ('((T("City",EQ,"Rome")))', "bob"),
        ('T("City", EQ, "")', ""),
        ('T("City", EQ, ")+A(")', ""),
    ],
)
def test_sets(text: str, names: str) -> None:
    """Each kind of set, each operator and each operation chooses whom it says."""
    assert chosen(text) == names


ANN, BOB, CID = ('T("Age", EQ, 17)', 'T("Age", EQ, 20)', 'T("Age", EQ, 40)')
ALL = 'T("Age", ANY, "")'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Union and intersection are equal, so this is (ANN + BOB) * CID.
        (f"{ANN} + {BOB} * {CID}", ""),
        (f"{ANN} + ({BOB} * {CID})", "ann"),
        (f"{ANN} * {BOB} + {CID}", "cid"),
        # A difference binds tighter than both.
        (f"{ANN} + {BOB} \\ {ANN}", "ann bob"),
        (f"({ANN} + {BOB}) \\ {ANN}", "bob"),
        (f"{ALL} \\ {ANN} + {ANN}", "ann bob cid"),
        (f"{ALL} \\ ({ANN} + {BOB})", "cid"),
        (f"{ALL} * {ALL} \\ {BOB}", "ann cid"),
        # Differences go from left to right.
        (f"{ALL} \\ {ALL} \\ {ALL}", ""),
        (f"{ALL} \\ ({ALL} \\ {ANN})", "ann"),
        (f"{ANN} + {BOB} * {ALL} \\ {ANN}", "bob"),
    ],
)
def test_precedence(text: str, names: str) -> None:
    """The backslash binds tighter; plus and star are equal; all go from left to right."""
    assert chosen(text) == names


def in_order(members: list[frozenset[str]], signs: list[str]) -> frozenset[str]:
    """Work out a chain by the sentence of the vendor's page: differences first, then from the left."""
    sets: Mapping[str, str] = {"+": "union", "*": "intersection", "\\": "difference"}
    for round_of in (("\\",), ("+", "*")):
        rest, left = [members[0]], []
        for sign, member in zip(signs, members[1:], strict=True):
            if sign in round_of:
                rest[-1] = getattr(rest[-1], sets[sign])(member)
            else:
                rest.append(member)
                left.append(sign)
        members, signs = rest, left
    return members[0]


TERMS = {
    ANN: frozenset({"ann"}),
    BOB: frozenset({"bob"}),
    CID: frozenset({"cid"}),
    ALL: frozenset({"ann", "bob", "cid"}),
    f'A("{ONE}")': frozenset({"ann", "cid"}),
    f"({BOB} + {CID})": frozenset({"bob", "cid"}),
}


@given(
    st.lists(st.sampled_from(list(TERMS)), min_size=1, max_size=8).flatmap(
        lambda terms: st.tuples(
            st.just(terms),
            st.lists(st.sampled_from("+*\\"), min_size=len(terms) - 1, max_size=len(terms) - 1),
        )
    )
)
def test_chains(chain: tuple[list[str], list[str]]) -> None:
    """A chain of any operations is worked out as the sets themselves are."""
    terms, signs = chain
    text = terms[0] + "".join(
        f" {sign} {term}" for sign, term in zip(signs, terms[1:], strict=True)
    )

    assert set(chosen(text).split()) == in_order([TERMS[each] for each in terms], list(signs))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expected A, T, AT or an opening parenthesis at position 0."),
        ("   ", "Expected A, T, AT or an opening parenthesis at position 3."),
        ("A", 'Expected "(" at position 1.'),
        ('B("x")', "Expected A, T, AT or an opening parenthesis at position 0."),
        ('a("x")', "Expected A, T, AT or an opening parenthesis at position 0."),
        ('G("x", ["iOS"])', "Expected A, T, AT or an opening parenthesis at position 0."),
        ('"A"("x")', "Expected A, T, AT or an opening parenthesis at position 0."),
        ('A "(" "x")', 'Expected "(" at position 2.'),
        ("A()", "Expected a string at position 2."),
        ("A(x)", "Expected a string at position 2."),
        ('A("x"', 'Expected ")" at position 5.'),
        ('A("x', "Unexpected character at position 2."),
        ('A("x",)', 'Expected "[" at position 6.'),
        ('A("x", [])', "Expected a string at position 8."),
        ('A("x", "iOS")', 'Expected "[" at position 7.'),
        ('A("x", ["iPhone"])', "Expected the name of a platform at position 8."),
        ('A("x", ["iOS",])', "Expected a string at position 14."),
        ('A("x", ["iOS" "Android"])', 'Expected "," at position 14.'),
        ('A("x") A("y")', "Expected an operation or the end at position 7."),
        ('A("x") +', "Expected A, T, AT or an opening parenthesis at position 8."),
        ('A("x") - A("y")', "Unexpected character at position 7."),
        ('(A("x")', 'Expected ")" at position 7.'),
        ('A("x"))', "Expected an operation or the end at position 6."),
        ("()", "Expected A, T, AT or an opening parenthesis at position 1."),
        ('T("x")', 'Expected "," at position 5.'),
        ('T("x", "EQ", 1)', "Expected an operator at position 7."),
        ('T("x", IS, 1)', "Expected an operator at position 7."),
        ('T("x", eq, 1)', "Expected an operator at position 7."),
        ('T("x", EQ)', 'Expected "," at position 9.'),
        ('T("x", EQ, [1])', "Expected a string at position 11."),
        ('T("x", EQ, 1.5)', "Unexpected character at position 12."),
        ('T("x", EQ, true)', "Expected a string at position 11."),
        ('T("x", IN, 1)', 'Expected "[" at position 11.'),
        ('T("x", IN, [])', "Expected a string at position 12."),
        ('T("x", BETWEEN, [1])', "Expected a minimum and a maximum at position 16."),
        ('T("x", BETWEEN, [1,2,3])', "Expected a minimum and a maximum at position 16."),
        ('T("x", BETWEEN, [1,5)', 'Expected "," at position 20.'),
        ('T("x", NOTSET)', 'Expected "," at position 13.'),
        ('T("x", ANY, "y")', "Expected an empty string at position 12."),
        ('AT("x", EQ, 1)', "Expected a string at position 8."),
        ('T("x", EQ, "a\\"b")', 'Expected ")" at position 15.'),
        ("(" * 5000, "Expected at most 100 levels of parentheses at position 100."),
        (f'T("x", EQ, {"9" * 5000})', "Unexpected character at position 11."),
        ('T("x", EQ, \u0661)', "Unexpected character at position 11."),
    ],
)
def test_syntax_errors(text: str, message: str) -> None:
    """What is no filter is refused with what was expected, and where."""
    with pytest.raises(FilterSyntaxError) as caught:
        compile_filter(text, TODAY)

    assert str(caught.value) == message


# ES:772 to ES:939, with the quotes and the bracket that print has lost [api.md 2.4].
@pytest.mark.parametrize(
    "text",
    [
        'A("XXXXX-XXXXX") * T("City", EQ, "Name")',
        'A("XXXXX-XXXXX", ["iOS", "Android", "OsX", "Windows", "Amazon", "Safari", "Chrome", "Firefox"])',
        'T("Age", IN, [17,20])',
        'T ("Age", EQ, 30)',
        'T ("favorite_color", IN, ["red","green","blue"])',
        'T ("Name", NOTSET, "")',
        'T ("Level", BETWEEN, [1,5])',
        'T("Category", IN, ["breaking_news","business","politics"])',
        'AT("7777D-322A7","Last Application Open", BETWEEN, ["2022-02-28", "2022-03-02"])',
        'AT("7777D-322A7","Last Application Open", GTE, "90 days ago")',
        'A("12345-12345") \\ A("67890-67890")',
    ],
)
def test_vendor_examples(text: str) -> None:
    """Every filter of the vendor's page compiles; two of them choose among our three."""
    names = {'T("Age", IN, [17,20])': "ann bob", 'T ("Name", NOTSET, "")': "ann bob cid"}

    assert chosen(text) == names.get(text, "")


def test_long_chain() -> None:
    """A chain of ten thousand terms compiles and chooses; parentheses go a hundred deep."""
    assert chosen(" + ".join([ANN] * 5000 + [BOB] * 5000)) == "ann bob"
    assert chosen("(" * 100 + ANN + ")" * 100) == "ann"
    assert chosen(" + ".join([f"({ANN})"] * 200)) == "ann"


WORDS = st.sampled_from(
    ["A", "T", "AT", "EQ", "IN", "BETWEEN", "ANY", '"x"', '""', "1", "-2", *'()[],+*\\"', " "]
)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=30).map("".join)))
def test_junk(text: str) -> None:
    """Whatever is written either compiles and can be asked, or is a syntax error."""
    try:
        matches = compile_filter(text, TODAY).matches
    except FilterSyntaxError:
        return
    assert {matches(each) for each in DEVICES} <= {True, False}


def test_applications() -> None:
    """A filter knows the applications it names, in A() and in AT()."""
    text = 'A("1") + T("x", ANY, "") * AT("2", "x", ANY, "") \\ A("3", ["iOS"])'

    assert compile_filter(text, TODAY).applications == {"1", "2", "3"}
