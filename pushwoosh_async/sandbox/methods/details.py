"""What does getMessageDetails tell about a message? With the vendor's odd types [api.md 1.3]."""

import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers, platforms
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.messages import Message, Messages
from pushwoosh_async.sandbox.methods.wire_forms import custom_data, localised, timestamp
from pushwoosh_async.sandbox.refusal import RefusedError

_ID = re.compile("[0-9]{1,18}")


@frozen
class GetMessageDetails:
    """The method, over what it reads."""

    account: Account
    messages: Messages

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Return the answer to a request that names a message by code or id.

        Raises:
            RefusedError: the token, or there is no such message.
        """
        self.account.check_token(request)
        message = self._find(request.get("message"))
        if message is None:
            raise RefusedError("Message not found")
        return answers.ok({"message": self._details(message)})

    def _find(self, named: object) -> Message | None:
        if isinstance(named, str) and _ID.fullmatch(named):
            named = int(named)
        return self.messages.find_by_id(named) if type(named) is int else self.messages.find(named)

    def _details(self, message: Message) -> dict[str, object]:
        fields = message.fields
        named = fields.get("platforms") or platforms.ALL_PUSH
        return {
            "id": message.id,
            "created": timestamp(message.created),
            "send_date": timestamp(message.due),
            "status": self.messages.status(message),
            "content": localised(fields.get("content")),
            "platforms": json.dumps(named, separators=(",", ":")),
            "ignore_user_timezone": "1" if fields.get("ignore_user_timezone") else "0",
            "code": message.code,
            "data": custom_data(fields.get("data")),
        }
