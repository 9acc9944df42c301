"""Was each of them sent exactly one message? And if not, what does the failing test say?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pushwoosh_async.sandbox import Sandbox

# In a failure; a list of thousands hides what is wrong with it.
_LINES = 20


class AssertSentOnce:
    """Asserts of recipients that a sandbox sent each exactly one message since its start or reset.

    A scheduled message counts from its acceptance, also if it was cancelled since. A broadcast, and a
    message to a stored filter or a geozone, names nobody, so it counts for nobody.

    Args:
        sandbox: whose ledger is asked.
    """

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def __call__(self, recipient: str, *others: str) -> None:
        """Fail unless each was sent to once. Others may have been sent to besides: see `only`.

        Args:
            recipient: a user id, hwid, push token or phone number, as it was sent.
            others: more of them.

        Raises:
            AssertionError: names those who got none or several, and how many.
            TypeError: something that is not a str, such as a list of ids.
        """
        __tracebackhide__ = True  # pytest then shows the caller's line as the one that failed
        self._fail_for("not sent exactly once", self._wrong((recipient, *others)))

    def only(self, recipient: str, *others: str) -> None:
        """Fail unless each was sent to once, and nobody else at all, by a broadcast neither.

        Args:
            recipient: a user id, hwid, push token or phone number, as it was sent.
            others: more of them.

        Raises:
            AssertionError: names those who got none or several, and those who got any unasked.
            TypeError: something that is not a str, such as a list of ids.
        """
        __tracebackhide__ = True
        asked = (recipient, *others)
        offences = [*self._wrong(asked), *self._strangers(asked)]
        self._fail_for("not sent exactly once and to nobody else", offences)

    def _wrong(self, asked: Sequence[object]) -> list[str]:
        times = {each: self._times(each) for each in asked}
        return [f"{each} was sent {_count(got)}" for each, got in times.items() if got != 1]

    def _times(self, recipient: object) -> int:
        if not isinstance(recipient, str):
            raise TypeError(f"recipient: expected a str, got {type(recipient).__name__}")
        return self._sandbox.ledger.deliveries(recipient)

    def _strangers(self, asked: Sequence[str]) -> list[str]:
        friends = set(asked)
        # Listed first: the sandbox's thread may enter more meanwhile.
        reached = [each for each in list(self._sandbox.ledger.counts()) if each not in friends]
        everybody = ["every subscriber"] if self._sandbox.truth().broadcasts else []
        return [f"{each} was sent to as well" for each in everybody + reached]

    def _fail_for(self, wish: str, offences: Sequence[str]) -> None:
        __tracebackhide__ = True
        if not offences:
            return
        # pytest's summary shows one line, so the first offender is in it.
        lines = [f"{wish}: {offences[0]}", *(f"  {each}" for each in offences[1:_LINES])]
        if len(offences) > _LINES:
            lines.append(f"  and {len(offences) - _LINES} more")
        truth = self._sandbox.truth()
        seen = ", ".join(f"{name} {getattr(truth, name)}" for name in _TOLD)
        raise AssertionError("\n".join([*lines, f"the sandbox saw: {seen}"]))


# Which counters say why: nothing arrived, it was refused, or it went to everybody.
_TOLD = ("requests", "accepted", "rejected", "throttled", "broadcasts")


def _count(times: int) -> str:
    return f"{times} times" if times else "nothing"
