"""The API's methods as a table: where each lives, and what may be done with its calls."""

from attrs import frozen

# One request: body under 10 MB, at most 1000 notifications of at most 1000 ids [api.md 3, H-batch].
MAX_BODY_BYTES = 10_000_000
MAX_NOTIFICATIONS = 1000
MAX_RECIPIENTS = 1000


@frozen
class Method:
    """One method of the API.

    Attributes:
        name: as the vendor writes it.
        path: below the base URL.
        pays: whether its calls count against the rate limit.
    """

    name: str
    path: str
    pays: bool


CREATE_MESSAGE = Method("createMessage", "/json/1.3/createMessage", pays=True)  # [ES:9]
