"""The public face: explicit, complete, and without a dependency's types."""

import inspect
import typing
from pathlib import Path

import pytest

import pushwoosh_async
import pushwoosh_async.models
import pushwoosh_async.sandbox
import pushwoosh_async.testing

FACES = [
    pushwoosh_async,
    pushwoosh_async.models,
    pushwoosh_async.sandbox,
    pushwoosh_async.testing,
]


@pytest.mark.parametrize("module", FACES, ids=lambda m: m.__name__)
def test_all_names_what_is_there(module: typing.Any) -> None:
    """Every name in `__all__` exists, and stands there once; ruff sorts them (RUF022)."""
    names = module.__all__
    assert len(set(names)) == len(names)
    assert all(hasattr(module, name) for name in names)


def test_the_face_re_exports_every_public_class_of_the_package() -> None:
    """Whatever `__init__` imports is in `__all__`: nothing public by accident, nothing forgotten."""
    public = {
        name
        for name, value in vars(pushwoosh_async).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public | {"__version__"} == set(pushwoosh_async.__all__)


def test_no_signature_names_a_type_of_a_dependency() -> None:
    """No third-party type appears in a public signature."""
    for name in pushwoosh_async.__all__:
        value = getattr(pushwoosh_async, name)
        for member in [value, *vars(value).values()] if inspect.isclass(value) else [value]:
            if inspect.isfunction(member):
                signature = str(inspect.signature(member))
                for package in ("httpx", "tenacity", "cattrs", "anyio", "orjson", "aiohttp"):
                    assert f"{package}." not in signature, f"{name}.{member.__name__}{signature}"


def test_everything_public_has_a_docstring() -> None:
    """Each public name, and each public method, says what it is for."""
    for name in pushwoosh_async.__all__:
        value = getattr(pushwoosh_async, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        assert value.__doc__, name
        for method, member in vars(value).items() if inspect.isclass(value) else ():
            if inspect.isfunction(member) and not method.startswith("_"):
                assert member.__doc__, f"{name}.{method}"


def test_the_package_is_marked_as_typed() -> None:
    """Type checkers read our annotations only with this file there."""
    assert (Path(pushwoosh_async.__file__).parent / "py.typed").exists()
