"""What no line of ours may do: make TLS weaker, follow a redirect, read pickles, obey a text."""

import ast
from pathlib import Path

import pytest

from adversity.story import Story

from .forbidden import REVIEWED, forbidden

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
    "ssl.SSLContext(ssl.PROTOCOL_TLS)",
    "context.keylog_filename = path",
    "client.send(request, follow_redirects=True)",
    "client.post(url, allow_redirects=allowed)",
    "import pickle",
    "from yaml import load",
    "eval(text)",
    "os.system(text)",
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
    story.saw(f"{len(found)} lines of package and examples that could")


@pytest.mark.row("R8")
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_would_be_found(slip: str, story: Story) -> None:
    """In any file, and nearly all in the reviewed one too: a check that finds nothing is none."""
    found = forbidden(slip, "pushwoosh_async/anything.py")
    assert found
    assert forbidden(slip, REVIEWED)
    story.saw("each way to say it is found" if found else "missed")


@pytest.mark.row("R19")
def test_nothing_reads_pickles_or_obeys_text(story: Story) -> None:
    """JSON is read, and nothing else; no text is run, as Python or by a shell."""
    imported = {
        name.split(".")[0]
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported(node)
    }
    readers = imported & {"pickle", "marshal", "shelve", "yaml", "xml", "plistlib", "dbm"}
    assert readers == set()
    assert {"json", "csv", "sqlite3"} <= imported
    story.saw(f"{len(readers)} readers of objects, {len(imported & {'json', 'csv'})} of texts")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
