"""Calls whose token travels in a header, by a client both of whose tokens are canaries."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from canary import CONTENT, TOKEN, USER, Watch, open_client
from fault_server import Connection, Script, SeenRequest

from pushwoosh_async import Device, PushwooshClient, RetryPolicy

Make: TypeAlias = Callable[[PushwooshClient], Any]
# Of either kind: opened by the devices' token, and by the API's.
CALLS: dict[str, Make] = {
    "set_tags": lambda client: client.set_tags({"Name": CONTENT}, user_id=USER),
    "get_message_totals": lambda client: client.get_message_totals("AB-CD"),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
OTHER_CALLS: list[Make] = [
    lambda client: client.register_device(Device(hwid=USER, device_type=1)),
    lambda client: client.unregister_device(USER),
    lambda client: client.register_user(USER, hwid=USER),
    lambda client: client.get_tags(hwid=USER),
]
TWICE = RetryPolicy(max_attempts=2, base_delay=0.001)


def opened(way: str, url: str, watch: Watch, *, token: Any = TOKEN, **options: Any) -> Any:
    """Open a client both of whose tokens are canaries."""
    options = {"device_api_token": token, "retry": TWICE, **options}
    return open_client(way, url, watch, token=token, **options)


def sent_token(request: SeenRequest) -> str:
    """Return the token of a request's header."""
    return request.headers["authorization"].removeprefix("Token ")


def says(data: bytes) -> Script:
    """Answer with these bytes and close."""
    return echoes(lambda _: data)


def echoes(write: Callable[[str], bytes]) -> Script:
    """Answer with what is made of the header's token, and close."""

    async def script(connection: Connection) -> None:
        request = await connection.read_request()
        await connection.send(write(sent_token(request)))
        connection.close()

    return script
