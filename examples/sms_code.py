"""Send a login code by SMS, and never twice by accident.

    export PUSHWOOSH_API_TOKEN=... PUSHWOOSH_APPLICATION=XXXXX-XXXXX
    python examples/sms_code.py +1234567890 4711

Exit code 0: accepted; 1: certainly not sent; 3: nobody knows. Without an account: run
`pushwoosh-async sandbox` in another shell, and copy the lines that it prints.
"""

import asyncio
import sys

from pushwoosh_async import SMS, PushwooshClient, PushwooshError


async def main(number: str, code: str) -> int:
    """Send one SMS."""
    try:
        sms = SMS(content=f"Your code: {code}", phone_number=number, use_auto_registration=True)
        async with PushwooshClient() as client:
            result = await client.create_sms_message(sms)
    except PushwooshError as error:
        # The API knows no transactionId for SMS: what is in doubt was not repeated. Let the person ask
        # for another code rather than send, and pay for, a second one on your own.
        print(f"{error.delivery}: {error}")
        return 3 if error.delivery == "in_doubt" else 1
    print(f"accepted, message code: {result.message_codes[0] or 'none'}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} NUMBER CODE")
    sys.exit(asyncio.run(main(*sys.argv[1:])))
