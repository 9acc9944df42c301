"""The layer table of the architecture, read off every import of the package."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pushwoosh_async

PACKAGE = Path(pushwoosh_async.__file__).parent

# Longest prefix wins. `pure`: no clock, loop, file or socket, and imports only pure files.
LAYERS: dict[str, tuple[int, bool, frozenset[str]]] = {
    "_version": (0, True, frozenset()),
    "errors": (0, True, frozenset()),
    "_window": (0, True, frozenset({"attrs"})),
    "_secret": (0, True, frozenset()),
    "hooks": (0, True, frozenset({"attrs"})),
    "_clock": (0, False, frozenset({"anyio"})),
    "_wire.converter": (0, True, frozenset({"attrs", "cattrs"})),
    "_wire": (3, True, frozenset({"attrs", "orjson"})),
    "targeting": (1, True, frozenset({"attrs"})),
    "models": (2, True, frozenset({"attrs"})),
    "_transport": (4, False, frozenset({"attrs"})),
    "_transport.adaptive_rate": (4, True, frozenset()),
    "_transport.rate_limit": (4, True, frozenset({"attrs"})),
    "_transport.address": (4, True, frozenset({"attrs"})),
    "_transport.http": (4, False, frozenset({"httpx", "httpx_aiohttp", "aiohttp", "asyncio"})),
    "_transport.closing": (4, False, frozenset({"asyncio"})),
    "_transport.slots": (4, False, frozenset({"asyncio"})),
    "_transport.owned": (4, False, frozenset({"asyncio"})),
    "_transport.retry": (4, False, frozenset({"attrs", "tenacity"})),
    "_transport.session": (4, False, frozenset({"attrs", "anyio"})),
    "endpoints": (5, False, frozenset()),
    "endpoints.paging": (5, True, frozenset({"attrs"})),
    "_sources": (5, False, frozenset({"attrs", "anyio"})),
    "sources": (5, False, frozenset({"attrs", "anyio"})),
    "_personalised": (5, True, frozenset({"attrs"})),
    "personalised": (5, True, frozenset({"attrs"})),
    "_fanout": (6, False, frozenset({"attrs"})),
    "_fanout.admission": (6, True, frozenset()),
    "_fanout.bisection": (6, True, frozenset()),
    "_fanout.chunks": (6, True, frozenset({"attrs"})),
    "_fanout.packing": (6, True, frozenset({"attrs"})),
    "_fanout.plan_each": (6, True, frozenset({"attrs"})),
    "_fanout.planner": (6, True, frozenset()),
    "_fanout.sieve": (6, True, frozenset({"attrs"})),
    "_fanout.feed": (6, False, frozenset({"anyio"})),
    "_fanout.promise": (6, False, frozenset()),
    "_fanout.survey": (6, False, frozenset({"attrs", "anyio"})),
    "_fanout.carrier": (6, False, frozenset({"anyio"})),
    "_fanout.breaker": (6, True, frozenset()),
    "_fanout.journal": (6, True, frozenset({"attrs"})),
    "_fanout.options": (6, True, frozenset()),
    "_fanout.plan": (6, True, frozenset({"attrs"})),
    "_fanout.recut": (6, True, frozenset({"attrs"})),
    "_fanout.report": (6, True, frozenset({"attrs"})),
    "_fanout.resume": (6, True, frozenset({"attrs"})),
    "_fanout.settings": (6, True, frozenset({"attrs"})),
    "_fanout.state": (6, True, frozenset({"attrs"})),
    "_fanout.timeline": (6, True, frozenset({"attrs"})),
    "_fanout.bell": (6, False, frozenset({"anyio"})),
    "_fanout.intake": (6, False, frozenset({"anyio"})),
    "_fanout.labels": (6, False, frozenset({"attrs", "anyio"})),
    "_fanout.reading": (6, False, frozenset({"anyio"})),
    "_fanout.recall": (6, False, frozenset({"attrs", "anyio"})),
    "_fanout.runner": (6, False, frozenset({"attrs", "anyio"})),
    "_fanout.run": (6, False, frozenset({"attrs", "anyio"})),
    "_fanout.sqlite_journal": (6, False, frozenset({"attrs", "anyio"})),
    "_client_options": (7, False, frozenset()),
    "_client_inputs": (7, False, frozenset()),
    "_client_plans": (7, False, frozenset()),
    "_client_run_facts": (7, False, frozenset({"attrs"})),
    "_client_run_journal": (7, False, frozenset()),
    "_client_run_options": (7, False, frozenset({"attrs"})),
    "_client_runs": (7, False, frozenset({"attrs"})),
    "_client_fan_out": (7, False, frozenset()),
    "_client_journals": (7, False, frozenset({"anyio"})),
    "client": (7, False, frozenset()),
    "_sender": (8, False, frozenset({"attrs", "anyio"})),
    "sender": (8, False, frozenset()),
    "journals": (7, False, frozenset({"attrs"})),
    "": (9, False, frozenset()),
    "sandbox": (10, False, frozenset({"attrs", "aiohttp", "asyncio"})),
    "testing": (11, False, frozenset({"anyio"})),
    # attrs: what the library gives is of attrs, and is changed with its evolve.
    "cli": (12, False, frozenset({"anyio", "attrs", "rich", "typer"})),
    "__main__": (13, False, frozenset()),
}
# Layer 0 is one folder, the package itself; these files of it import nothing, so the others may.
GROUND = {"errors", "_version", "_window"}
PUBLIC_ONLY = {"sandbox", "testing", "cli", "main__"}
IMPURE = {
    "asyncio",
    "io",
    "os",
    "pathlib",
    "random",
    "select",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "threading",
    "time",
    "urllib.request",
}

# Of the standard library, what has one home all the same.
STANDARD_HOMES = {"sqlite3": "_fanout.sqlite_journal"}

FILES = sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def layer_of(module: str) -> tuple[int, bool, frozenset[str]]:
    fitting = [name for name in LAYERS if module == name or module.startswith(f"{name}.")]
    return LAYERS[max(fitting, key=len) if fitting and module else ""]


def imports_of(path: Path) -> Iterator[str]:
    """Every imported module, those in functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                file = PACKAGE.parent / (submodule.replace(".", "/") + ".py")
                yield submodule if file.exists() else node.module


def ours(module: str) -> str | None:
    if module == "pushwoosh_async":
        return ""
    prefix = "pushwoosh_async."
    return module.removeprefix(prefix) if module.startswith(prefix) else None


def folder(module: str) -> str:
    """`_sources` is the inside of `sources`; `_client_options` and its like are that of `client`."""
    top = module.split(".")[0].lstrip("_")
    return "client" if top.startswith("client_") else top


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_go_down(path: Path) -> None:
    """An import goes to a lower layer, or stays inside its own folder."""
    module = module_of(path)
    for imported in imports_of(path):
        target = ours(imported)
        if target is None:
            continue
        inside = target != "" and folder(target) == folder(module)
        inside = inside or (target in GROUND and layer_of(module)[0] == 0)
        assert inside or layer_of(target)[0] < layer_of(module)[0], f"{module} -> {imported}"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_third_party_packages_have_their_homes(path: Path) -> None:
    """A third-party package, and asyncio by name, is imported where the table says and nowhere else."""
    module = module_of(path)
    allowed = layer_of(module)[2]
    for imported in imports_of(path):
        top = imported.split(".")[0]
        if ours(imported) is not None or (top in sys.stdlib_module_names and top != "asyncio"):
            continue
        assert top in allowed, f"{module} imports {imported}"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_the_database_has_its_home(path: Path) -> None:
    """sqlite3 is imported inside the SQLite journal and nowhere else: what reads one asks there."""
    module = module_of(path)
    for imported in imports_of(path):
        home = STANDARD_HOMES.get(imported.split(".")[0])
        inside = home is None or module == home or module.startswith(f"{home}.")
        assert inside, f"{module} imports {imported}"


@pytest.mark.parametrize("path", [f for f in FILES if layer_of(module_of(f))[1]], ids=module_of)
def test_pure_files_import_only_pure_ones(path: Path) -> None:
    """What is pure imports no clock, loop, file or socket, and only pure files of ours."""
    module = module_of(path)
    for imported in imports_of(path):
        target = ours(imported)
        assert imported not in IMPURE, f"{module} imports {imported}"
        assert target is None or layer_of(target)[1], (
            f"{module} imports {imported}, which is not pure"
        )


@pytest.mark.parametrize(
    "path", [f for f in FILES if folder(module_of(f)) in PUBLIC_ONLY], ids=module_of
)
def test_outer_layers_use_public_names_only(path: Path) -> None:
    """The sandbox, the test helpers and the shell see what a user sees."""
    module = module_of(path)
    for imported in imports_of(path):
        target = ours(imported)
        if target is None or folder(target) == folder(module):
            continue
        assert not any(part.startswith("_") and part != "__main__" for part in target.split(".")), (
            f"{module} imports {imported}"
        )
        assert folder(target) in {"", "sandbox", "testing", "cli"}, f"{module} imports {imported}"


def test_the_sandbox_shares_no_code_with_the_client() -> None:
    """What checks the client must not share its mistakes: the sandbox imports nothing of the rest."""
    for path in (PACKAGE / "sandbox").rglob("*.py"):
        for imported in imports_of(path):
            target = ours(imported)
            assert target is None or folder(target) == "sandbox", f"{path.name} -> {imported}"
