"""The calls together, as a program makes them: against the sandbox, with the fixtures that we ship."""

import pytest

from pushwoosh_async import (
    SMS,
    App,
    Device,
    FilterError,
    IntegerTag,
    InvalidRequestError,
    Notification,
    Platform,
    PushwooshClient,
    TargetedMessage,
    TransportError,
)
from pushwoosh_async.sandbox import Sandbox
from pushwoosh_async.testing import AssertSentOnce

IDS = [f"u{number}" for number in range(20)]
APPLICATION = "XXXXX-XXXXX"
MINE = App(APPLICATION)


@pytest.mark.parametrize("name", ["delete_message", "cancel_message"])
async def test_scheduled_message_is_taken_back(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient, name: str
) -> None:
    """Its code is all that is needed; a second time there is no such message."""
    later = Notification(content="Hi", users=IDS, send_date="2999-01-01 10:00")
    [code] = (await pushwoosh_client.create_message(later)).message_codes
    details = await pushwoosh_client.get_message_details(code)
    assert str(details.send_date) == "2999-01-01 10:00:00"
    assert details.content in ({"": "Hi"}, {"en": "Hi"})
    assert await pushwoosh_client.get_message_details(details.id) == details
    take_back = getattr(pushwoosh_client, name)
    await take_back(code)
    with pytest.raises(InvalidRequestError) as caught:
        await take_back(code)
    assert caught.value.delivery == "rejected"


async def test_message_taken_back_in_doubt_is_a_doubt(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient
) -> None:
    """The first answer is lost, the repeat finds nothing: it was done, but nobody can know."""
    later = Notification(content="Hi", users=IDS, send_date="2999-01-01 10:00")
    [code] = (await pushwoosh_client.create_message(later)).message_codes
    pushwoosh_sandbox.script(["reset_after"])
    with pytest.raises(InvalidRequestError) as caught:
        await pushwoosh_client.delete_message(code)
    assert caught.value.delivery == "in_doubt"
    assert pushwoosh_sandbox.truth().cancelled == 1


async def test_history_of_many_pages(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient
) -> None:
    """Every message, newest first, though each page holds ten; answers that get lost change nothing."""
    codes: list[str | None] = []
    for number in range(25):
        result = await pushwoosh_client.create_message(
            Notification(content=f"No. {number}", users=IDS)
        )
        codes += result.message_codes
    pushwoosh_sandbox.script(["reset_after", None, "error_500_before", "html_after"])
    rows = [row async for row in pushwoosh_client.get_push_history(page_size=10)]
    assert [row.code for row in rows] == codes[::-1]
    found = pushwoosh_client.get_push_history(search_by="notificationCode", value=codes[3])
    assert [row.id async for row in found] == [rows[-4].id]


async def test_devices_tags_and_a_targeted_message(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient
) -> None:
    """Who has the tag gets it, once, although an answer gets lost; who was unregistered does not."""
    for name, age in (("a", 17), ("b", 20), ("c", 21), ("d", 18)):
        await pushwoosh_client.register_device(
            Device(hwid=name, device_type=Platform.IOS, push_token=name)
        )
        await pushwoosh_client.register_user(f"user-{name}", hwid=name)
        await pushwoosh_client.set_tags({"Age": age}, hwid=name)
    assert (await pushwoosh_client.get_tags(hwid="a"))["Age"] == 17
    await pushwoosh_client.unregister_device("d")
    pushwoosh_sandbox.script(["reset_after"])
    young = TargetedMessage(content="Hi", devices_filter=MINE & IntegerTag("Age").between(17, 20))
    await pushwoosh_client.create_targeted_message(young)
    assert pushwoosh_sandbox.truth().deliveries == 2


async def test_filter_that_the_server_cannot_compile(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient
) -> None:
    """Its reasons arrive."""
    broken = TargetedMessage(content="Hi", devices_filter="T(")
    with pytest.raises(FilterError) as caught:
        await pushwoosh_client.create_targeted_message(broken, all_applications=True)
    assert caught.value.errors[0]["type"] == "syntax"
    assert pushwoosh_sandbox.truth().deliveries == 0


async def test_sms_to_a_registered_number(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient
) -> None:
    """Refused, until the number is known."""
    sms = SMS(content="Code 1234", phone_number="+1234567890")
    with pytest.raises(InvalidRequestError):
        await pushwoosh_client.create_sms_message(sms)
    await pushwoosh_client.register_device(
        Device(hwid="+1234567890", device_type=Platform.SMS, user_id="u")
    )
    await pushwoosh_client.create_sms_message(sms)
    assert pushwoosh_sandbox.truth().deliveries == 1


async def test_sms_whose_answer_is_lost_is_sent_once(
    pushwoosh_sandbox: Sandbox,
    pushwoosh_client: PushwooshClient,
    assert_sent_once: AssertSentOnce,
) -> None:
    """It went out, the call is in doubt, and nobody is charged twice."""
    pushwoosh_sandbox.script(["reset_after"])
    sms = SMS(content="Hi", phone_number="+1234567890", use_auto_registration=True)
    with pytest.raises(TransportError, match="not repeated") as caught:
        await pushwoosh_client.create_sms_message(sms)
    assert caught.value.delivery == "in_doubt"
    assert_sent_once.only("+1234567890")


async def test_totals_of_a_message(
    pushwoosh_sandbox: Sandbox, pushwoosh_client: PushwooshClient
) -> None:
    """Counts come as texts, and arrive as numbers."""
    [code] = (
        await pushwoosh_client.create_message(Notification(content="Hi", users=IDS))
    ).message_codes
    totals = await pushwoosh_client.get_message_totals(code)
    assert sum(line.sends for line in totals.metrics) == len(IDS)
    assert totals.conversion is not None
    assert totals.conversion.sends == len(IDS)
    with pytest.raises(InvalidRequestError, match="not found"):
        await pushwoosh_client.get_message_totals("AB-CD")
