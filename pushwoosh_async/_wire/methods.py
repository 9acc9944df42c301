"""The API's methods as a table: where each lives, what opens it, and what may be done with its calls."""

from typing import Literal, TypeAlias

from attrs import evolve, frozen

# One request: body under 10 MB, at most 1000 notifications of at most 1000 ids [H-batch].
MAX_BODY_BYTES = 10_000_000
MAX_NOTIFICATIONS = 1000
MAX_RECIPIENTS = 1000
# Ours, against a server gone wrong: a code for each of 1000 notifications takes 30 kB.
MAX_REPLY = 1024 * 1024
# A thousand rows of history, each with long texts in several languages.
_MAX_LISTING = 64 * 1024 * 1024

# In place of a message's code; not an error [LAR]: see MessageResult.
CODE_NOT_AVAILABLE = "CODE_NOT_AVAILABLE"

Access: TypeAlias = Literal["api", "device"]


@frozen(kw_only=True)
class Method:
    """One method of the API.

    Attributes:
        name: as the vendor writes it.
        path: below the base URL.
        pays: whether its calls count against the rate limit.
        repeats_freely: making a call twice does what making it once does. Else only a transactionId
            allows to repeat what is in doubt, and only inside its window.
        access: which of the account's two tokens opens it.
        auth: where that token goes: ``request.auth`` of the body, or ``Authorization: Token ...``.
        wrapped: the arguments lie in ``{"request": {...}}``, and the answer in the usual envelope.
        max_reply: bytes of its longest answer; a longer one is not read.
        names_ids: its answer may name every id of the request besides.
    """

    name: str
    path: str
    pays: bool = False
    repeats_freely: bool = True
    access: Access = "api"
    auth: Literal["body", "header"] = "body"
    wrapped: bool = True
    max_reply: int = MAX_REPLY
    names_ids: bool = False


def _server(name: str, *, sends: bool = False) -> Method:
    """Return a method of the Messages or SMS API. What sends pays, and is not repeated lightly."""
    return Method(name=name, path=f"/json/1.3/{name}", pays=sends, repeats_freely=not sends)


def _device(name: str) -> Method:
    """Return a method of the Device API. Each sets a state, so a repeat changes nothing [D-dev]."""
    return Method(name=name, path=f"/json/1.3/{name}", access="device", auth="header")


CREATE_MESSAGE = evolve(_server("createMessage", sends=True), names_ids=True)  # [ES:9]
CREATE_TARGETED_MESSAGE = _server("createTargetedMessage", sends=True)  # [ES:725]
CREATE_SMS_MESSAGE = _server("createSMSMessage", sends=True)  # [DE:11]; it knows no transactionId
DELETE_MESSAGE = _server("deleteMessage")  # [ES:634]
CANCEL_MESSAGE = _server("cancelMessage")  # [ES:1094]
GET_MESSAGE_DETAILS = _server("getMessageDetails")  # [ES:684]
GET_PUSH_HISTORY = evolve(_server("getPushHistory"), max_reply=_MAX_LISTING)  # [ES:945]
REGISTER_DEVICE = _device("registerDevice")
UNREGISTER_DEVICE = _device("unregisterDevice")
REGISTER_USER = _device("registerUser")
SET_TAGS = _device("setTags")
GET_TAGS = _device("getTags")
TOTALS_BY_INTERVALS = Method(  # [D-stat]
    name="totalsByIntervals",
    path="/api/v2/statistics/messages/totalsByIntervals",
    auth="header",
    wrapped=False,
    max_reply=_MAX_LISTING,
)
