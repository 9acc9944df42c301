"""The Statistics API, as far as the SMS page refers to it."""

from collections.abc import Sequence
from typing import Any

from pushwoosh_async._transport.session import Call
from pushwoosh_async._wire.decode_totals import decode_totals
from pushwoosh_async._wire.encode import request
from pushwoosh_async._wire.methods import TOTALS_BY_INTERVALS
from pushwoosh_async.endpoints.base import Endpoint, require
from pushwoosh_async.endpoints.message_code import check_code
from pushwoosh_async.models.message_totals import MessageTotals


class Statistics(Endpoint):
    """Tells what became of messages."""

    async def get_message_totals(
        self, message_code: str | None, *, platforms: Sequence[int] | None = None
    ) -> MessageTotals:
        """Return a message's statistics, hour by hour and platform by platform.

        Args:
            message_code: as `create_message` or `create_sms_message` returned it.
            platforms: platform numbers, see `Platform`; all if None.

        Raises:
            TypeError: a wrong type.
            ConfigurationError: the API gave the message no code (None, ``CODE_NOT_AVAILABLE``).
            InvalidRequestError: there is no such message.
            TransportError: no answer.
            APIError: another answer that is not success.

        Vendor: totalsByIntervals [D-stat, DE:74].
        """
        asked: dict[str, Any] = {"message_code": check_code("message_code", message_code)}
        if platforms is not None:
            asked["platforms"] = require("platforms", Sequence[int], platforms)
        body = request(TOTALS_BY_INTERVALS, asked)
        return await self._call(Call(TOTALS_BY_INTERVALS, body, (), decode_totals))
