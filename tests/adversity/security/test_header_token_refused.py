"""A header's token in what cannot be sent, or is no token: what is refused is not shown."""

from typing import Any

import pytest
from canary import TOKEN, Watch, shown_by, shows, ways_to_show
from fault_server import fault_server

from adversity.story import Story
from pushwoosh_async import PushwooshClient, PushwooshError

from .header_calls import TWICE, Make, each_call, opened

pytestmark = pytest.mark.row("R3")


class Quoting:
    """An HTTP client of the user's whose exceptions quote the request's headers."""

    def build_request(
        self, method: str, url: str, *, headers: Any, content: Any, timeout: Any, extensions: Any
    ) -> Any:
        return content, headers

    async def send(self, request: Any, *, stream: bool, follow_redirects: bool) -> Any:
        content, headers = request
        assert headers["Authorization"] == f"Token {TOKEN}"
        async for _ in content:
            pass
        raise OSError(f"could not send {headers}")


@each_call
async def test_exception_of_an_injected_client_is_not_quoted(call: Make, watch: Watch) -> None:
    """What a user's client says of a request it could not send is stripped of the token."""
    async with PushwooshClient(
        api_token=TOKEN,
        device_api_token=TOKEN,
        application="XXXXX-XXXXX",
        base_url="http://127.0.0.1:9",
        http_client=Quoting(),
        retry=TWICE,
        hooks=watch.listener,
    ) as client:
        with pytest.raises(PushwooshError) as caught:
            await call(client)
        watch.check_error(caught.value)
        watch.check_reach(client)
    watch.check()


@pytest.mark.parametrize(
    "options",
    [
        {"api_token": TOKEN, "device_api_token": TOKEN + " "},
        {"api_token": TOKEN + " ", "device_api_token": TOKEN},
        {"api_token": TOKEN, "device_api_token": TOKEN.encode()},
        {"api_token": 7, "device_api_token": TOKEN},
        {"api_token": TOKEN, "device_api_token": TOKEN, "application": TOKEN},
        {"api_token": TOKEN, "device_api_token": TOKEN, "timeout": -1},
    ],
    ids=["device", "api", "bytes", "number", "application", "timeout"],
)
def test_client_that_cannot_be_made_shows_no_token(options: dict[str, Any], story: Story) -> None:
    """Nor does its complaint's traceback with all variables, but for a token in a wrong place."""
    misplaced = options.get("application") == TOKEN
    with pytest.raises((TypeError, ValueError)) as caught:
        PushwooshClient(**options)
    texts = [str(caught.value), *ways_to_show(caught.value)]
    if not misplaced:
        texts.append(shown_by(caught.value))
    assert not any(map(shows, texts))
    story.saw(f"{sum(map(shows, texts))} complaints about wrong arguments show it")


def test_tokens_of_the_environment_are_not_shown_either(
    monkeypatch: pytest.MonkeyPatch, story: Story
) -> None:
    """One that is wrong leaves the other one hidden."""
    for api, device in ((TOKEN, TOKEN + " "), (TOKEN + " ", TOKEN)):
        monkeypatch.setenv("PUSHWOOSH_API_TOKEN", api)
        monkeypatch.setenv("PUSHWOOSH_DEVICE_API_TOKEN", device)
        with pytest.raises(ValueError, match="api_token: only printable ASCII") as caught:
            PushwooshClient(application="XXXXX-XXXXX")
        found = shows(shown_by(caught.value))
        assert not found
        story.saw(f"{int(found)} complaints about wrong arguments show it")


@pytest.mark.parametrize("answer", [TOKEN + " ", TOKEN.encode(), [TOKEN]], ids=repr)
@each_call
async def test_function_that_gives_no_token_is_not_quoted(
    call: Make, answer: Any, watch: Watch
) -> None:
    """The argument is named, what was given is not shown, and nothing leaves."""

    async def later() -> Any:
        return answer

    for provider in (lambda: answer, later):
        async with (
            fault_server() as server,
            opened("httpx", server.url, watch, token=provider) as client,
        ):
            with pytest.raises((TypeError, ValueError)) as caught:
                await call(client)
            watch.check_error(caught.value)
            assert server.requests == []
