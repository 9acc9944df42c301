"""Which faults there are, how they are written, and which request each strikes."""

import math
from collections.abc import Sequence

import pytest

from pushwoosh_async.sandbox import Fault, Sandbox, parse_faults
from pushwoosh_async.sandbox.faults import NAMES, Fates

BOTH = (Fault("reset_after", 0.2), Fault("error_503_before", 0.1))


def fates(faults: Sequence[Fault], seed: int, count: int) -> list[Fault | None]:
    """Return what happens to the first requests."""
    dealt = Fates(faults, seed)
    return [dealt.draw() for _ in range(count)]


def test_parse() -> None:
    """Names and rates are separated by commas; a delay has its seconds too."""
    assert parse_faults("reset_after:0.02, error_503_before:1 ,delay:0.01:0.2") == (
        Fault("reset_after", 0.02),
        Fault("error_503_before", 1),
        Fault("delay", 0.01, seconds=0.2),
    )


@pytest.mark.parametrize("text", ["", " ", ","])
def test_parse_nothing(text: str) -> None:
    """An empty text is no faults."""
    assert parse_faults(text) == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "delay"])
def test_every_name(name: str) -> None:
    """Every name but delay can be written with its rate alone."""
    assert parse_faults(f"{name}:0.5") == (Fault(name, 0.5),)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("explode:0.1", "unknown fault 'explode'; valid names: reset_before, reset_after"),
        ("reset:0.1", "unknown fault 'reset'"),
        ("reset_after", "rate '' is not a number"),
        ("reset_after:often", "rate 'often' is not a number"),
        ("reset_after:1.1", "between 0 and 1, not 1.1"),
        ("reset_after:-0.1", "between 0 and 1"),
        ("reset_after:nan", "between 0 and 1, not nan"),
        ("reset_after:0.1:2", "only a delay takes seconds"),
        ("delay:0.1", "a delay needs its seconds"),
        ("delay:0.1:0", "a delay needs its seconds"),
        ("delay:0.1:inf", "a delay needs its seconds"),
        ("delay:0.1:1:2", "seconds '1:2' is not a number"),
    ],
)
def test_parse_error(part: str, reason: str) -> None:
    """What cannot be read is named, with the reason."""
    with pytest.raises(ValueError, match="cannot read the fault") as caught:
        parse_faults(f"stall_after:0.1,{part}")

    assert repr(part) in str(caught.value)
    assert reason in str(caught.value)


def test_valid_names_in_message() -> None:
    """The message about an unknown name lists all the valid ones."""
    with pytest.raises(ValueError, match="valid names") as caught:
        Fault("explode", 0.1)

    assert all(name in str(caught.value) for name in NAMES)


def test_same_seed() -> None:
    """The same seed deals the same fates; another one deals others."""
    assert fates(BOTH, 7, 500) == fates(BOTH, 7, 500)
    assert fates(BOTH, 7, 500) != fates(BOTH, 8, 500)


def test_rates() -> None:
    """Each fault strikes about as often as its rate says."""
    dealt = fates(BOTH, 0, 10_000)

    assert math.isclose(dealt.count(BOTH[0]), 2000, rel_tol=0.1)
    assert math.isclose(dealt.count(BOTH[1]), 1000, rel_tol=0.1)


def test_certain() -> None:
    """A rate of 1 strikes every request, a rate of 0 none."""
    never, always = Fault("stall_after", 0), Fault("stall_before", 1)

    assert fates([never, always], 0, 1000) == [always] * 1000


def test_script_keeps_the_rest() -> None:
    """A script replaces fates one by one: the n-th request's fate depends on the seed and n."""
    scripted = Fates(BOTH, 7)
    scripted.script(["garbage_after", None])

    dealt = [scripted.draw() for _ in range(100)]

    assert dealt[:2] == [Fault("garbage_after"), None]
    assert dealt[2:] == fates(BOTH, 7, 100)[2:]


def test_script_is_checked() -> None:
    """A script with an unknown name is refused as a whole."""
    dealt = Fates((), 0)
    with pytest.raises(ValueError, match="unknown fault"):
        dealt.script(["garbage_after", "explode"])

    assert dealt.draw() is None


def test_too_many() -> None:
    """Rates that add up to more than 1 are refused; twenty times 0.05 are not."""
    Sandbox(faults=[Fault("stall_after", 0.05)] * 20)
    with pytest.raises(ValueError, match="must not exceed 1"):
        Sandbox(faults=[Fault("stall_after", 0.6), Fault("stall_before", 0.6)])
