"""May a token go through this TLS context? Only if it verifies who answers, by TLS 1.2 or newer."""

import ssl

from pushwoosh_async.errors import ConfigurationError


def checked_context(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return it as it is.

    Raises:
        TypeError: it is none.
        ConfigurationError: it would show the token to whoever answers.
    """
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(f"ssl_context: expected an ssl.SSLContext, got {type(context).__name__}")
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ConfigurationError("ssl_context: must verify certificates and check host names")
    if not ssl.TLSVersion.TLSv1_2 <= context.minimum_version:
        raise ConfigurationError("ssl_context: minimum_version must be TLS 1.2 or higher")
    return context
