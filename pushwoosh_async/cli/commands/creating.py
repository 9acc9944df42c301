"""``create-message``, ``create-targeted-message`` and ``create-sms-message``: one message each."""

from typing import Annotated

import typer

from pushwoosh_async import (
    SMS,
    InvalidRequestError,
    MessageResult,
    Notification,
    TargetedMessage,
)
from pushwoosh_async.cli.asking import Call, Effect
from pushwoosh_async.cli.calling import calls
from pushwoosh_async.cli.commands.filters import require_bounded
from pushwoosh_async.cli.complaints import BadInputError
from pushwoosh_async.cli.composing import Setting, composed, setting
from pushwoosh_async.cli.message import MESSAGE, notification_of, require_text, schedule
from pushwoosh_async.cli.options import (
    ContentOption,
    MessageOption,
    SendDateOption,
    TitleOption,
)
from pushwoosh_async.cli.result_text import receipt
from pushwoosh_async.cli.text_input import read_text


@calls(Effect.SENDS, application=True)
async def create_message(
    call: Call,
    content: ContentOption = None,
    title: TitleOption = None,
    notification: MessageOption = None,
    send_date: SendDateOption = None,
    users: Annotated[
        list[str] | None, typer.Option("--user", metavar="ID", help="A user. Repeat for more.")
    ] = None,
    devices: Annotated[
        list[str] | None,
        typer.Option("--device", metavar="ID", help="A push token or hwid instead; likewise."),
    ] = None,
) -> None:
    """Send one message to a few recipients.

    To users, to devices, or to whom the filter, the conditions or the geozone in its file choose. For
    many recipients there is send.
    """
    if users and devices:
        raise BadInputError("--device: give it or --user, not both")
    audience = [
        Setting("--user", "users", "users", users or None),
        Setting("--device", "devices", "devices", devices or None),
    ]
    addressed = notification_of(
        content=content, title=title, send_date=send_date, path=notification, audience=audience
    )
    _check_addressed(addressed)
    _tell(call, await call.client.create_message(addressed))


def _check_addressed(notification: Notification) -> None:
    # The library would say so, too, but in words for programs.
    audiences = ("users", "devices", "filter", "conditions", "geozone")
    if all(getattr(notification, name) is None for name in audiences):
        raise BadInputError(
            "--user: give one, or a --device, or a filter, conditions or a geozone in the file given "
            f"as {MESSAGE}; without any it would reach every subscriber"
        )


@calls(Effect.SENDS)
async def create_targeted_message(
    call: Call,
    filter: Annotated[  # noqa: A002 -- the option's name
        str | None, typer.Option(metavar="TEXT", help="Whom it reaches: 'A(\"XXXXX-XXXXX\")'.")
    ] = None,
    filter_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The filter in a file; - is standard input."),
    ] = None,
    content: ContentOption = None,
    message: MessageOption = None,
    send_date: SendDateOption = None,
    all_applications: Annotated[
        bool,
        typer.Option(
            "--all-applications", help="Send even if the filter does not keep to applications."
        ),
    ] = False,
) -> None:
    """Send one message to whom a filter chooses.

    Tags are shared by all applications of an account: a filter that does not keep to applications it
    names is refused. See filter check and filter explain.
    """
    require_text(content, message)
    if filter is not None and filter_file is not None:
        raise BadInputError("--filter-file: give it or --filter, not both")
    option = "--filter" if filter_file is None else "--filter-file"
    text = filter if filter_file is None else read_text(option, filter_file)
    targeted = composed(
        TargetedMessage,
        [
            Setting(option, "devices_filter", "devices_filter", text),
            setting("content", content),
            *schedule(send_date),
        ],
        file_option=MESSAGE,
        path=message,
    )
    if not all_applications:
        require_bounded(option if text is not None else MESSAGE, str(targeted.devices_filter))
    result = await call.client.create_targeted_message(targeted, all_applications=all_applications)
    call.tell(
        receipt(result.message_code, result.transaction_id),
        {"message_code": result.message_code, "transaction_id": result.transaction_id},
    )


@calls(Effect.SENDS, application=True)
async def create_sms_message(
    call: Call,
    to: Annotated[str | None, typer.Option(metavar="NUMBER", help="Such as +1234567890.")] = None,
    content: ContentOption = None,
    auto_register: Annotated[
        bool, typer.Option("--auto-register", help="Register the number, if it is not.")
    ] = False,
    message: MessageOption = None,
) -> None:
    """Send one SMS to one number.

    It must be registered, unless --auto-register is given. An SMS that is in doubt is not repeated: the
    API knows no transactionId here.
    """
    require_text(content, message)
    settings = [
        Setting("--to", "phone_number", "devices", None if to is None else [to]),
        setting("content", content),
        Setting(
            "--auto-register",
            "use_auto_registration",
            "use_auto_registration",
            auto_register or None,
        ),
    ]
    sms = composed(SMS, settings, file_option=MESSAGE, path=message)
    try:
        result = await call.client.create_sms_message(sms)
    except InvalidRequestError as error:
        if not sms.use_auto_registration:
            error.add_note("If the number is not registered, --auto-register does that")
        raise
    _tell(call, result)


def _tell(call: Call, result: MessageResult) -> None:
    (code,) = result.message_codes
    transaction_id = next(iter(result.transaction_ids), None)
    unknown = [item for ids in result.unknown_devices.values() for item in ids]
    call.tell(
        receipt(code, transaction_id, unknown),
        {"message_code": code, "transaction_id": transaction_id, "unknown_devices": unknown},
    )
