"""What must not stand in a line of ours? TLS made weaker, redirects followed, bytes or text obeyed.

The linter knows the literal ``verify=False``; a context made careless, or a variable, it does not. So the
ways to say it are forbidden by their names, and what is allowed is allowed in one reviewed file. This finds
slips and habits; code that means to hide what it does can.
"""

import ast
from collections.abc import Iterator

# Where connections are made: the only file that passes a context on, and the checked one at that.
REVIEWED = "pushwoosh_async/_transport/http.py"
_CHECKED_CONTEXT = "self._context"

_NAMES = frozenset(
    {
        "CERT_NONE", "CERT_OPTIONAL", "TLSVersion.MINIMUM_SUPPORTED", "TLSVersion.SSLv3",
        "TLSVersion.TLSv1", "TLSVersion.TLSv1_1", "_create_unverified_context",
        "_create_default_https_context", "_create_stdlib_context", "wrap_socket", "set_ciphers",
        "PROTOCOL_TLS", "PROTOCOL_SSLv23", "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1",
    }
)  # fmt: skip
_ATTRIBUTES_SET = frozenset(
    {
        "verify_mode", "check_hostname", "keylog_filename", "verify_flags",
        "hostname_checks_common_name",
    }
)  # fmt: skip
_VERSIONS_SET = frozenset({"minimum_version", "maximum_version"})
_VERSIONS = frozenset({"ssl.TLSVersion.TLSv1_2", "ssl.TLSVersion.TLSv1_3"})
_MODULES = frozenset(
    {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "jsonpickle", "imp"}
)
_CALLS = frozenset({"eval", "exec", "compile", "__import__"})
_SHELLS = frozenset({"system", "popen"})
_REDIRECTS = frozenset({"follow_redirects", "allow_redirects"})
_CONTEXTS = frozenset({"verify", "ssl", "ssl_context", "verify_ssl", "cert_reqs", "insecure"})


def forbidden(source: str, path: str) -> list[str]:
    """Return what is wrong with a file, a sentence each, with its line."""
    return [
        f"{path}:{getattr(node, 'lineno', 0)}: {fault}"
        for node in ast.walk(ast.parse(source))
        for fault in (*_weak_tls(node, path), *_obeyed(node))
    ]


def _weak_tls(node: ast.AST, path: str) -> Iterator[str]:
    text = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value  # getattr(ssl, "CERT_NONE")
    if text and any(text == name or text.endswith(f".{name}") for name in _NAMES):
        yield text
    for name, value in _settings(node):
        if _is_weak(name, value):
            yield f"{name} is set"
    for name, value in _options(node):
        redirects = name in _REDIRECTS and not _is(value, constant=False)
        if redirects or (name in _CONTEXTS and not _is_checked(name, value, path)):
            yield f"{name}={ast.unparse(value)}"
    if isinstance(node, ast.Call) and _called(node) == "SSLContext":
        given = [ast.unparse(each) for each in (*node.args, *node.keywords)]
        if given != ["ssl.PROTOCOL_TLS_CLIENT"]:
            yield f"SSLContext({', '.join(given)})"


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def _settings(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the attributes that are set, and to what, if it is one value for one name."""
    if isinstance(node, ast.Assign):
        for each in node.targets:
            if isinstance(each, ast.Attribute):
                yield each.attr, node.value
            else:
                yield from ((a.attr, None) for a in ast.walk(each) if isinstance(a, ast.Attribute))
    elif isinstance(node, ast.AnnAssign | ast.AugAssign) and isinstance(node.target, ast.Attribute):
        yield node.target.attr, None
    elif isinstance(node, ast.Call) and _called(node) in {"setattr", "__setattr__"}:
        words = [each.value for each in node.args if isinstance(each, ast.Constant)]
        yield from ((word, None) for word in words if isinstance(word, str))


def _is_weak(name: str, value: ast.expr | None) -> bool:
    if name in _VERSIONS_SET:
        return value is None or ast.unparse(value) not in _VERSIONS
    if name == "keylog_filename":
        return not _is(value, constant=None)
    return name in _ATTRIBUTES_SET


def _options(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is passed by name, or may be later: a dict may become the options of a call."""
    if isinstance(node, ast.Call):
        for each in node.keywords:
            if each.arg is not None:
                yield each.arg, each.value
            elif isinstance(each.value, ast.Dict):
                yield from _entries(each.value)
    elif isinstance(node, ast.Dict):
        yield from (entry for entry in _entries(node) if entry[0] not in {"ssl", "ssl_context"})


def _entries(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value


def _is(value: ast.expr | None, *, constant: object) -> bool:
    return isinstance(value, ast.Constant) and value.value is constant


def _is_checked(name: str, value: ast.expr, path: str) -> bool:
    """Tell whether a context is the one that `_Way` has checked, or is handed on to be checked there."""
    text = ast.unparse(value)
    if path == REVIEWED:
        return text == _CHECKED_CONTEXT
    return name == "ssl_context" and text == "ssl_context"


def _obeyed(node: ast.AST) -> Iterator[str]:
    yield from (f"import {each}" for each in imported(node) if each.split(".")[0] in _MODULES)
    if isinstance(node, ast.ImportFrom) and node.module in {"os", "builtins"}:
        names = {alias.name for alias in node.names} & (_SHELLS | _CALLS)
        yield from (f"from {node.module} import {name}" for name in sorted(names))
    if isinstance(node, ast.Call):
        place, _, name = ast.unparse(node.func).rpartition(".")
        if (place in {"", "builtins", "__builtins__"} and name in _CALLS) or (
            place == "os" and name in _SHELLS
        ):
            yield f"{ast.unparse(node.func)}()"
        yield from ("shell=" for each in node.keywords if each.arg == "shell")


def imported(node: ast.AST) -> list[str]:
    """Return the modules that are imported here; one with a name that is computed may be any."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    if isinstance(node, ast.Call) and _called(node) == "import_module":
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return [name.value]
        return ["pickle"]
    return []
