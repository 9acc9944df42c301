"""What must not stand in a line of ours? TLS made weaker, redirects followed, bytes or text obeyed.

The linter knows the literal ``verify=False``; a context made careless, or a variable, it does not. So every
way to say it is forbidden by its name, and what is allowed is allowed in one reviewed file.
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
_ATTRIBUTES_SET = frozenset({"verify_mode", "check_hostname", "keylog_filename"})
_MODULES = frozenset(
    {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "jsonpickle", "imp"}
)
_CALLS = frozenset({"eval", "exec", "compile", "__import__"})
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
    for target in _targets(node):
        if target.attr in _ATTRIBUTES_SET and not _switches_the_key_log_off(node, target):
            yield f"{ast.unparse(target)} is set"
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg in {"follow_redirects", "allow_redirects"}:
                if not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
                    yield f"{keyword.arg}={ast.unparse(keyword.value)}"
            elif keyword.arg in _CONTEXTS and not _is_checked(keyword, path):
                yield f"{keyword.arg}={ast.unparse(keyword.value)}"


def _targets(node: ast.AST) -> Iterator[ast.Attribute]:
    if isinstance(node, ast.Assign):
        found: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        found = [node.target]
    else:
        found = []
    yield from (each for each in found if isinstance(each, ast.Attribute))


def _switches_the_key_log_off(node: ast.AST, target: ast.Attribute) -> bool:
    value = node.value if isinstance(node, ast.Assign) else None
    none = isinstance(value, ast.Constant) and value.value is None
    return target.attr == "keylog_filename" and none


def _is_checked(keyword: ast.keyword, path: str) -> bool:
    """Tell whether a context is the one that `_Way` has checked, or is handed on to be checked there."""
    value = ast.unparse(keyword.value)
    if path == REVIEWED:
        return value == _CHECKED_CONTEXT
    return keyword.arg == "ssl_context" and value == "ssl_context"


def _obeyed(node: ast.AST) -> Iterator[str]:
    modules: list[str] = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        modules = [node.module or ""]
    yield from (f"import {each}" for each in modules if each.split(".")[0] in _MODULES)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name in _CALLS or name in {"os.system", "os.popen"}:
            yield f"{name}()"
        yield from ("shell=" for each in node.keywords if each.arg == "shell")
