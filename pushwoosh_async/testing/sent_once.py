"""Was each of them sent exactly one message? And if not, what does the failing test say?"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pushwoosh_async.sandbox import Sandbox

# In a failure; a list of thousands hides what is wrong with it.
_LINES = 20


class AssertSentOnce:
    """Asserts of recipients that a sandbox sent each exactly one message since its start or reset.

    Args:
        sandbox: whose ledger is asked.
    """

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def __call__(self, recipient: str, *others: str) -> None:
        """Fail unless each was sent to once. Others may have been sent to besides.

        A scheduled message counts from its acceptance, also if it was cancelled since. A broadcast names
        nobody, so it counts for nobody who is not a registered device.

        Args:
            recipient: a user id, hwid, push token or phone number, as it was sent.
            others: more of them.

        Raises:
            AssertionError: names those who got none or several, and how many.
            TypeError: something that is not a str, such as a list of ids.
        """
        __tracebackhide__ = True  # pytest then shows the caller's line as the one that failed
        wrong = [each for each in (recipient, *others) if self._times(each) != 1]
        if wrong:
            raise AssertionError(self._complaint(wrong))

    def _times(self, recipient: object) -> int:
        if not isinstance(recipient, str):
            raise TypeError(f"recipient: expected a str, got {type(recipient).__name__}")
        return self._sandbox.ledger.deliveries(recipient)

    def _complaint(self, wrong: list[str]) -> str:
        lines = [f"  {each}: {_count(self._times(each))}" for each in wrong[:_LINES]]
        if len(wrong) > _LINES:
            lines.append(f"  and {len(wrong) - _LINES} more")
        truth = self._sandbox.truth()
        seen = ", ".join(f"{name} {getattr(truth, name)}" for name in _TOLD)
        return "\n".join(["not sent exactly once:", *lines, f"the sandbox saw: {seen}"])


# Which counters say why: nothing arrived, it was refused, or it went to everybody.
_TOLD = ("requests", "accepted", "rejected", "throttled", "broadcasts")


def _count(times: int) -> str:
    return f"sent {times} times" if times else "not sent"
