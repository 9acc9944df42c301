"""Where requests go: a base URL that cannot leak the token by a slip (delivery.md 4.2)."""

import ipaddress
import re
from urllib.parse import urlsplit

from attrs import frozen

from pushwoosh_async.errors import ConfigurationError

_ALLOWED = re.compile(
    r"[!-\[\]-~]+"
)  # visible ASCII without the backslash, which parsers disagree on
_METHOD_PATHS = ("/json/1.3", "/api/v2")
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?"
_NETLOC = re.compile(
    rf"(\[[0-9A-Fa-f:.]+\]|{_LABEL}(\.{_LABEL})*\.?)(:[0-9]+)?"
)  # urlsplit takes what stands around brackets for part of the host


@frozen
class Address:
    """An origin and an optional path prefix.

    Attributes:
        url: the whole, without a trailing slash.
        scheme: ``"https"`` or ``"http"``.
        host: without port or brackets.
    """

    url: str
    scheme: str
    host: str


def address(base_url: object) -> Address:
    """Check a base URL.

    Raises:
        TypeError: it is not a str.
        ConfigurationError: it is not https (http only to a loopback address), or holds a user name,
            query, fragment, blank, backslash, bad port or bad host.
    """
    if not isinstance(base_url, str):
        raise TypeError(f"base_url: expected a str, got {type(base_url).__name__}")
    if not _ALLOWED.fullmatch(base_url):
        raise ConfigurationError("base_url: must be visible ASCII without blanks or backslashes")
    scheme, host = _origin(base_url)
    if scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(
            "base_url: must begin with https://; plain http:// is for loopback addresses only"
        )
    return Address(base_url.rstrip("/"), scheme, host)


def _origin(base_url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(base_url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ConfigurationError("base_url: not a URL, or its port is not in 1 to 65535") from None
    if parts.scheme not in {"https", "http"}:
        raise ConfigurationError("base_url: must begin with https:// (http:// for loopback only)")
    if "@" in parts.netloc:
        raise ConfigurationError("base_url: must not hold a user name or password")
    if "?" in base_url or "#" in base_url:
        raise ConfigurationError("base_url: must not hold a query or a fragment")
    if parts.path.rstrip("/").endswith(_METHOD_PATHS):
        raise ConfigurationError("base_url: without /json/1.3 or /api/v2; each method adds its own")
    if port == 0 or parts.netloc.endswith(":"):
        raise ConfigurationError("base_url: the port must be in 1 to 65535")
    if not _NETLOC.fullmatch(parts.netloc) or (":" in host and not _is_address(host)):
        raise ConfigurationError("base_url: must name a host")
    return parts.scheme, host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    """Accept loopback literals and exactly ``localhost``: a name or number that merely resembles one
    (``127.0.0.1.evil.com``, ``2130706433``) may lead anywhere.
    """  # noqa: D205 -- one sentence would lose the examples
    if host == "localhost":
        return True
    if not _is_address(host):
        return False
    literal = ipaddress.ip_address(host)
    mapped = getattr(literal, "ipv4_mapped", None)
    return (mapped or literal).is_loopback
