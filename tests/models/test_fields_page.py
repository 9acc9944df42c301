"""The page of fields and the docstrings tell what the models are."""

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from fields_page import PAGE, SECTIONS, documented, page

from pushwoosh_async import models


def test_the_page_is_what_the_models_say() -> None:
    """docs/fields.md is up to date; `python tests/models/fields_page.py` writes it anew."""
    assert PAGE.read_text("utf-8") == page()


def test_every_public_model_has_a_section() -> None:
    """No model is left out of the page; what the API answers is none."""
    public = {
        value
        for name in models.__all__
        if isinstance(value := getattr(models, name), type) and hasattr(value, "validate")
    }
    assert public == set(SECTIONS)


def declared(cls: type) -> Iterator[Any]:
    """Return the fields that the class itself declares, and not a base."""
    inherited = {
        field.name for base in cls.__bases__ if attrs.has(base) for field in attrs.fields(base)
    }
    return (f for f in attrs.fields(cls) if f.name not in inherited)


@pytest.mark.parametrize("cls", SECTIONS, ids=lambda cls: cls.__name__)
def test_every_field_is_documented_with_its_source(cls: type) -> None:
    """A class's docstring names each field it declares, in order, and where the vendor documents it."""
    fields = {field.name for field in attrs.fields(cls)}
    told = {name: told for name, told in documented(cls).items() if name in fields - {"extra"}}
    sources = {name: source for name, (_, source) in told.items()}
    assert sources == {f.name: f.metadata["source"] for f in attrs.fields(cls) if f.name != "extra"}
    own = [field.name for field in declared(cls) if field.name != "extra"]
    assert [name for name in told if name in own] == own
    assert all(what for what, _ in told.values())


@pytest.mark.parametrize("cls", [models.Notification, models.TargetedMessage])
def test_help_says_where_the_shared_fields_are_explained(cls: type) -> None:
    """At a class that is public, and on a page that has each of them in words."""
    told = " ".join((cls.__doc__ or "").split())
    assert "are explained at `Message`" in told
    assert "docs/fields.md" in told
    rows = PAGE.read_text("utf-8").split("\n## Message\n")[1].split("\n## ")[0]
    for field in attrs.fields(models.Message):
        if field.name != "extra":
            what, _ = documented(models.Message)[field.name]
            assert f"| `{field.name}` |" in rows
            assert f"| {what} |" in rows
