"""How does a method say no? It raises, and the API answers with what the refusal carries."""

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.answers import Answer


class RefusedError(Exception):
    """A request, or one notification in it, breaks a rule; what breaks it changes nothing.

    Args:
        reason: in the vendor's words where they are on record [api.md 3], else in ours.
        answer: what the API answers; by default body code 210 with the reason and a null response.
    """

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.answer = answers.refused(reason) if answer is None else answer
