"""What do deleteMessage and cancelMessage do? They stop a message that has not gone out yet.

The vendor describes both in the same words [api.md 1.6]. Here a deleted message is gone from details
and history, a cancelled one stays there as cancelled; that is a guess.
"""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.messages import Message, Messages
from pushwoosh_async.sandbox.refusal import RefusedError
from pushwoosh_async.sandbox.truth import Tally


@frozen
class Recall:
    """Both methods, over the state they change."""

    account: Account
    messages: Messages
    tally: Tally

    def delete(self, request: Mapping[str, Any]) -> Answer:
        """Stop a pending message and forget it.

        Raises:
            RefusedError: the token, or no such message is pending.
        """
        self.messages.remove(self._stopped(request))
        return answers.done()

    def cancel(self, request: Mapping[str, Any]) -> Answer:
        """Stop a pending message and keep it as cancelled.

        Raises:
            RefusedError: the token, or no such message is pending.
        """
        self._stopped(request).cancelled = True
        return answers.done()

    def _stopped(self, request: Mapping[str, Any]) -> Message:
        self.account.check_token(request)
        message = self.messages.find(request.get("message"))
        if message is None or message.cancelled:
            raise RefusedError("Message not found")
        if self.messages.status(message) != "pending":
            raise RefusedError("Message was sent already")
        self.tally.cancelled += 1
        self.tally.recalled += message.recipients
        return message
