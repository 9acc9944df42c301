"""The page of fields and the docstrings tell what the models are."""

import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from fields_page import PAGE, SECTIONS, page

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


@pytest.mark.parametrize(
    "cls", [models.Notification.__base__, *SECTIONS], ids=lambda cls: cls.__name__
)
def test_every_field_is_documented_with_its_source(cls: type) -> None:
    """A class's docstring names each field it declares, in order, and where the vendor documents it."""
    documented = re.findall(
        r"^        (\w+): (?:.|\n(?!        \w+:))*?\[((?:(?:ES|DE):[\d-]+|D-\w+)(?:, [\w:-]+)*)\]",
        cls.__doc__ or "",
        re.M,
    )
    assert documented == [(field.name, field.metadata["source"]) for field in declared(cls)]
