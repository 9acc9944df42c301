"""A throw-away certificate authority, and contexts for servers and clients that know it or do not."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache

import trustme


@cache
def authority() -> trustme.CA:
    """Make the authority that the tests' clients trust."""
    return trustme.CA()


def trusting(ca: trustme.CA | None = None) -> ssl.SSLContext:
    """Make a client's context that trusts one authority."""
    context = ssl.create_default_context()
    (ca or authority()).configure_trust(context)
    return context


def serving(
    name: str = "127.0.0.1", *, ca: trustme.CA | None = None, expired: bool = False
) -> ssl.SSLContext:
    """Make a server's context with a certificate for this name."""
    not_after = datetime.now(UTC) - timedelta(days=1) if expired else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (ca or authority()).issue_cert(name, not_after=not_after).configure_cert(context)
    return context


def demanding_a_certificate() -> ssl.SSLContext:
    """Make a server's context that refuses clients without a certificate."""
    context = serving()
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    return context


def self_signed() -> ssl.SSLContext:
    """Make a server's context whose certificate vouches for itself."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with ca.cert_pem.tempfile() as certificate, ca.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context
