"""Can this code be asked about? The API gives none for some messages, and those it cannot find again."""

from pushwoosh_async._wire.methods import CODE_NOT_AVAILABLE
from pushwoosh_async.endpoints.base import require_text
from pushwoosh_async.errors import ConfigurationError


def check_code(name: str, code: object) -> str:
    """Return a message code, or refuse what stands for the lack of one.

    Raises:
        TypeError: it is no str.
        ConfigurationError: it is blank, None or ``CODE_NOT_AVAILABLE``.
    """
    if code is None or code == CODE_NOT_AVAILABLE:
        raise ConfigurationError(
            f"{name}: the API gave this message no code, as it went out at once to fewer than ten "
            "devices; such a message cannot be looked up, cancelled or deleted"
        )
    return require_text(name, code)
