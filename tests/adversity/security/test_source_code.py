"""What no line of ours may do: make TLS weaker, follow a redirect, read pickles, obey a text."""

import ast
from pathlib import Path

import pytest

from adversity.story import Story

from .forbidden import REVIEWED, forbidden, imported

ROOT = Path(__file__).parents[3]
FILES = (
    *ROOT.glob("pushwoosh_async/**/*.py"),
    *ROOT.glob("examples/*.py"),
    *ROOT.glob("pytest_*.py"),
)

# Each line switches something off; none of them is seen by the linter, but for the first.
SLIPS = [
    "httpx.AsyncClient(verify=False)",
    "httpx.AsyncClient(verify=context)",
    "httpx.AsyncHTTPTransport(verify=self._other)",
    "aiohttp.TCPConnector(ssl=False)",
    "anyio.connect_tcp(host, ssl_context=careless)",
    "context.verify_mode = ssl.CERT_NONE",
    "context.verify_mode = mode",
    "context.check_hostname = False",
    "context.verify_mode = getattr(ssl, 'CERT_NONE')",
    "ssl._create_unverified_context()",
    "ssl._create_default_https_context = ssl._create_unverified_context",
    "from ssl import CERT_NONE as how; print(CERT_NONE)",
    "context.minimum_version = ssl.TLSVersion.TLSv1",
    "context.minimum_version = 769",
    "context.minimum_version = lowest",
    "context.verify_flags &= ~ssl.VERIFY_X509_STRICT",
    "context.check_hostname, more = False, True",
    "setattr(context, 'verify_mode', mode)",
    "object.__setattr__(context, 'minimum_version', 769)",
    "ssl.SSLContext(ssl.PROTOCOL_TLS)",
    "ssl.SSLContext(2)",
    "ssl.SSLContext(protocol)",
    "ssl.SSLContext()",
    "httpx.AsyncClient(**{'verify': careless})",
    "anyio.connect_tcp(**{'ssl_context': careless})",
    "options = {'verify': False}",
    "options = {'follow_redirects': True}",
    "context.keylog_filename = path",
    "client.send(request, follow_redirects=True)",
    "client.post(url, allow_redirects=allowed)",
    "import pickle",
    "from yaml import load",
    "importlib.import_module('pickle')",
    "import_module(name)",
    "eval(text)",
    "builtins.eval(text)",
    "from builtins import exec",
    "os.system(text)",
    "from os import system",
    "subprocess.run(text, shell=True)",
]  # fmt: skip


@pytest.mark.row("R8")
def test_no_line_makes_tls_weaker_or_follows_a_redirect(story: Story) -> None:
    """Contexts are passed on in one reviewed file, and there only the checked one."""
    found = [
        fault
        for path in FILES
        for fault in forbidden(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    ]
    assert found == []
    story.saw(f"{len(found)} lines that could, in {len(FILES)} files of package and examples")


@pytest.mark.row("R8")
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_would_be_found(slip: str, story: Story) -> None:
    """In any file, and nearly all in the reviewed one too: a check that finds nothing is none."""
    found = forbidden(slip, "pushwoosh_async/anything.py")
    assert found
    assert forbidden(slip, REVIEWED)
    story.saw(f"{len(SLIPS)} ways to say it, {'all' if found else 'not all'} of them found")


@pytest.mark.row("R19")
def test_nothing_reads_pickles_or_obeys_text(story: Story) -> None:
    """JSON is read, and nothing else; no text is run, as Python or by a shell."""
    used = {
        name.split(".")[0]
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in imported(node)
    }
    readers = used & {"pickle", "marshal", "shelve", "yaml", "xml", "plistlib", "dbm"}
    assert readers == set()
    assert {"json", "csv", "sqlite3"} <= used
    story.saw(f"{len(readers)} readers of objects, {len(used & {'json', 'csv'})} of texts")
