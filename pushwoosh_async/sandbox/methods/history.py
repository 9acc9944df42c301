"""Which messages does getPushHistory list, and on which page? [api.md 1.5]."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from pushwoosh_async.sandbox import answers
from pushwoosh_async.sandbox.account import Account
from pushwoosh_async.sandbox.answers import Answer
from pushwoosh_async.sandbox.messages import Message, Messages
from pushwoosh_async.sandbox.methods.history_row import row
from pushwoosh_async.sandbox.refusal import RefusedError

MIN_PAGE, MAX_PAGE = 10, 1000

_SOURCE = "API"
_ID = re.compile("[0-9]{1,18}")
_SEARCHES = ("notificationID", "notificationCode", "applicationCode", "campaignCode")


@frozen
class GetPushHistory:
    """The method, over what it reads. Everything in it came by the API; words of refusal are ours."""

    account: Account
    messages: Messages

    def answer(self, request: Mapping[str, Any]) -> Answer:
        """Return one page, the newest message first.

        Raises:
            RefusedError: the token, or a parameter is out of its range.
        """
        self.account.check_token(request)
        limit, last = _limit(request), _last_id(request)
        found = self._from_source(request, _search(request))
        page = islice((each for each in found if last is None or each.id < last), limit)
        return answers.ok({"rows": [row(each, self.messages.status(each)) for each in page]})

    def _from_source(
        self, request: Mapping[str, Any], search: tuple[str, str] | None
    ) -> Iterator[Message]:
        source = request.get("source")
        if source not in (None, "", _SOURCE):
            return iter(())
        if search is None:
            return self.messages.newest_first()
        return (each for each in self.messages.newest_first() if _found(each, *search))


def _limit(request: Mapping[str, Any]) -> int:
    limit = request.get("limitMessages", MAX_PAGE)
    if type(limit) is not int or not MIN_PAGE <= limit <= MAX_PAGE:
        raise RefusedError(
            f"Invalid limitMessages. Values from {MIN_PAGE} to {MAX_PAGE} are valid."
        )
    return limit


def _last_id(request: Mapping[str, Any]) -> int | None:
    """Return the id after which to go on; null, 0 and an empty text are the beginning."""
    last = request.get("lastNotificationID")
    if last is None or last == "":
        return None
    if isinstance(last, str) and _ID.fullmatch(last):
        last = int(last)
    if type(last) is not int or last < 0:
        raise RefusedError("Invalid lastNotificationID.")
    return last or None


def _search(request: Mapping[str, Any]) -> tuple[str, str] | None:
    by = request.get("searchBy")
    if by is None or by == "":
        return None
    value = request.get("value")
    if by not in _SEARCHES:
        raise RefusedError("Invalid searchBy.")
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise RefusedError("Invalid value.")
    return by, str(value)


def _found(message: Message, by: str, value: str) -> bool:
    if by == "notificationID":
        return str(message.id) == value
    if by == "notificationCode":
        return message.code == value
    if by == "applicationCode":
        return value in message.reach
    return bool(message.fields.get("campaign") == value)
