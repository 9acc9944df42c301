"""base_url and ssl_context: what must be refused before a byte is sent (delivery.md 4.2)."""

import ssl
import string
from typing import Any

import httpx
import pytest
from adversity.story import Story
from hypothesis import given
from hypothesis import strategies as st
from wire_clients import APPLICATION

from pushwoosh_async import ConfigurationError, PushwooshClient
from pushwoosh_async._transport.address import address

TAKEN = {
    "https://api.pushwoosh.com": "https://api.pushwoosh.com",
    "https://api.pushwoosh.com/": "https://api.pushwoosh.com",
    "https://api.pushwoosh.com//": "https://api.pushwoosh.com",
    "https://api.pushwoosh.com:8443": "https://api.pushwoosh.com:8443",
    "https://api.pushwoosh.com:1": "https://api.pushwoosh.com:1",
    "https://api.pushwoosh.com:65535": "https://api.pushwoosh.com:65535",
    "https://api.pushwoosh.com/proxy/v1": "https://api.pushwoosh.com/proxy/v1",
    "https://api.pushwoosh.com/proxy/v1/": "https://api.pushwoosh.com/proxy/v1",
    "https://api.pushwoosh.com.": "https://api.pushwoosh.com.",
    "https://xn--mller-kva.example": "https://xn--mller-kva.example",
    "https://under_score.example": "https://under_score.example",
    "https://10.0.0.1": "https://10.0.0.1",
    "https://[2001:db8::1]:443": "https://[2001:db8::1]:443",
    "https://intranet": "https://intranet",
    "http://127.0.0.1": "http://127.0.0.1",
    "http://127.0.0.1:8080": "http://127.0.0.1:8080",
    "http://127.255.255.254": "http://127.255.255.254",
    "http://localhost:8080/": "http://localhost:8080",
    "http://[::1]:8080": "http://[::1]:8080",
    "http://[::ffff:127.0.0.1]": "http://[::ffff:127.0.0.1]",
    "http://[0:0:0:0:0:0:0:1]": "http://[0:0:0:0:0:0:0:1]",
}

REFUSED = [
    # http to what is not a loopback literal, however much it looks like one
    "http://api.pushwoosh.com",
    "http://10.0.0.1",
    "http://0.0.0.0",
    "http://[::]",
    "http://192.168.0.1",
    "http://169.254.169.254",
    "http://127.0.0.1.evil.com",
    "http://127.0.0.1.",
    "http://2130706433",
    "http://0x7f000001",
    "http://0x7f.0.0.1",
    "http://0177.0.0.1",
    "http://127.1",
    "http://127",
    "http://localhost.evil.com",
    "http://evil.localhost",
    "http://localhost.",
    "http://localhosts",
    "http://[::ffff:10.0.0.1]",
    "http://[2001:db8::1]",
    "http://[64:ff9b::127.0.0.1]",
    # user info
    "https://user@api.pushwoosh.com",
    "https://user:password@api.pushwoosh.com",
    "https://@api.pushwoosh.com",
    "https://:@api.pushwoosh.com",
    "https://127.0.0.1@evil.com",
    "http://127.0.0.1@evil.com",
    "http://127.0.0.1:80@evil.com",
    # query and fragment
    "https://api.pushwoosh.com?",
    "https://api.pushwoosh.com?a=b",
    "https://api.pushwoosh.com/a?b",
    "https://api.pushwoosh.com#",
    "https://api.pushwoosh.com#a",
    "https://evil.com#@api.pushwoosh.com",
    "http://evil.com#127.0.0.1",
    # host
    "https://",
    "https:///path",
    "https:",
    "https:api.pushwoosh.com",
    "https:/api.pushwoosh.com",
    "https://.",
    "https://-",
    "https://.example.com",
    "https://-a.example.com",
    "https://a..example.com",
    "https://[",
    "https://[]",
    "https://[::1",
    "https://::1",
    "https://[::g]",
    "https://[v1.a]",
    "https://[::1]evil.com",
    "http://[::1].evil.com",
    "http://[::1]]",
    "https://a[::1]",
    "https://%31%32%37.0.0.1",
    "https://a%2eb",
    "https://a,b",
    "https://*.pushwoosh.com",
    "https://api.pushwoosh.com;a",
    # port
    "https://api.pushwoosh.com:",
    "https://api.pushwoosh.com:/a",
    "https://api.pushwoosh.com:0",
    "https://api.pushwoosh.com:65536",
    "https://api.pushwoosh.com:99999",
    "https://api.pushwoosh.com:-1",
    "https://api.pushwoosh.com:+1",
    "https://api.pushwoosh.com:a",
    "https://api.pushwoosh.com:4_4_3",
    "https://api.pushwoosh.com:443:443",
    "https://[::1]:",
    # what parsers disagree on
    "https://host\\@evil.com",
    "https:\\\\api.pushwoosh.com",
    "https://api.pushwoosh.com\\a",
    " https://api.pushwoosh.com",
    "https://api.pushwoosh.com ",
    "https://api. pushwoosh.com",
    "https://api.pushwoosh.com\n",
    "https://api.pushwoosh.com\r\nX: y",
    "https://api.push\twoosh.com",
    "https://api.pushwoosh.com\0",
    "https://m\u00fcller.example",
    "https://api\u3002pushwoosh\u3002com",
    "https://api.pushwoosh.com/\u00e4",
    # scheme
    "",
    "api.pushwoosh.com",
    "//api.pushwoosh.com",
    "ftp://api.pushwoosh.com",
    "ws://127.0.0.1",
    "file:///etc/passwd",
    "unix://127.0.0.1",
    "javascript:alert(1)",
    "httpss://api.pushwoosh.com",
]


@pytest.mark.parametrize("url", TAKEN)
def test_an_address_is_taken(url: str) -> None:
    """Https to anywhere and http to a loopback address, without the last slash."""
    assert address(url).url == TAKEN[url]


@pytest.mark.parametrize("url", ["HTTPS://api.pushwoosh.com", "HTTP://LOCALHOST", "Http://[::1]"])
def test_letter_case_does_not_matter(url: str) -> None:
    """Scheme and host have no case."""
    assert address(url).scheme == url.split(":")[0].lower()


@pytest.mark.row("R10")
@pytest.mark.parametrize("url", REFUSED)
def test_an_address_is_refused(url: str, story: Story) -> None:
    """One sentence that begins with the argument's name, and no part of the URL in it."""
    with pytest.raises(ConfigurationError, match=r"^base_url: ") as caught:
        address(url)
    assert caught.value.delivery == "not_sent"
    assert "password" not in str(caught.value).replace("user name or password", "")
    story.saw(f"{type(caught.value).__name__}, {caught.value.delivery}")


@pytest.mark.parametrize("value", [b"https://api.pushwoosh.com", 5, ["https://a"], object()])
def test_another_type_is_a_type_error(value: object) -> None:
    """Only text is an address."""
    with pytest.raises(TypeError, match="base_url: expected a str"):
        address(value)


@given(st.text(alphabet=string.printable + "\u00e4\u3002", max_size=40))
def test_plain_http_goes_nowhere_but_loopback(rest: str) -> None:
    """Whatever follows http://, it is refused or leads to this machine."""
    try:
        taken = address("http://" + rest)
    except ConfigurationError:
        return
    assert taken.host == "localhost" or taken.host.startswith("127.") or ":" in taken.host


HOSTS = st.text(alphabet="a1:.[]-_@/%v", max_size=20)


@given(st.one_of(HOSTS, HOSTS.map("127.0.0.1{}".format), HOSTS.map("[::1]{}".format)))
def test_the_http_library_reads_the_same_host(rest: str) -> None:
    """What was checked is where the request goes: two parsers, one host."""
    for scheme in ("http://", "https://"):
        try:
            taken = address(scheme + rest)
        except ConfigurationError:
            continue
        assert httpx.URL(taken.url).host == taken.host.lower()


def client(**options: Any) -> PushwooshClient:
    """Make a client, with an address that nobody connects to."""
    return PushwooshClient(
        **{
            "api_token": "TOKEN",
            "application": APPLICATION,
            "base_url": "https://127.0.0.1:1",
            **options,
        }
    )


def test_a_bad_base_url_is_refused_by_the_client() -> None:
    """The rule stands at the door: construction."""
    with pytest.raises(ConfigurationError, match="base_url"):
        client(base_url="http://api.pushwoosh.com")


def unverified() -> ssl.SSLContext:
    """Trust any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def optional() -> ssl.SSLContext:
    """Take a server without a certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def any_name() -> ssl.SSLContext:
    """Take any trusted certificate for any host."""
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


def old_tls() -> ssl.SSLContext:
    """Go back to TLS 1.1."""
    context = ssl.create_default_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    return context


def whatever_tls() -> ssl.SSLContext:
    """Go back as far as OpenSSL can."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


@pytest.mark.row("R8")
@pytest.mark.parametrize("make", [unverified, optional, any_name, old_tls, whatever_tls])
@pytest.mark.parametrize("way", ["httpx", "aiohttp"])
def test_a_careless_ssl_context_is_refused(make: Any, way: str, story: Story) -> None:
    """One that would show the token to whoever answers never reaches a connection."""
    with pytest.raises(ConfigurationError, match=r"^ssl_context: ") as caught:
        client(ssl_context=make(), transport=way)
    story.saw(f"a careless ssl_context: {type(caught.value).__name__}")


@pytest.mark.row("R8")
@pytest.mark.parametrize("value", [False, True, "ca.pem", object()])
def test_an_ssl_context_of_another_type_is_a_type_error(value: object, story: Story) -> None:
    """There is no verify=False by another name."""
    with pytest.raises(TypeError, match=r"ssl_context: expected an ssl\.SSLContext") as caught:
        client(ssl_context=value)
    story.saw(f"no context at all: {type(caught.value).__name__}")


@pytest.mark.row("R8")
def test_there_is_no_parameter_that_switches_verification_off(story: Story) -> None:
    """`verify` is not an argument of the client."""
    with pytest.raises(TypeError, match="verify") as caught:
        client(verify=False)
    story.saw(f"verify=False: {type(caught.value).__name__}")


@pytest.mark.parametrize("minimum", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_careful_ssl_context_is_taken(minimum: ssl.TLSVersion) -> None:
    """Verification on, TLS 1.2 or higher."""
    context = ssl.create_default_context()
    context.minimum_version = minimum
    async with client(ssl_context=context):
        pass


@pytest.mark.parametrize(
    "value", ["", "nonsense", "ftp://a:1", "http://", "http://a:99999", "//a", "http://a b"]
)
def test_a_bad_proxy_is_refused(value: str) -> None:
    """A proxy is a URL with a host and a port that can be."""
    with pytest.raises(ConfigurationError, match=r"^proxy: "):
        client(proxy=value)


def test_a_proxy_of_another_type_is_a_type_error() -> None:
    """A proxy is text."""
    with pytest.raises(TypeError, match=r"^proxy: "):
        client(proxy=5)
