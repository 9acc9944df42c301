"""Whose devices? Those subscribed to an application, or to any application of a group."""

import re
from collections.abc import Sequence

import attrs

from pushwoosh_async.errors import ConfigurationError
from pushwoosh_async.targeting.filters import Filter
from pushwoosh_async.targeting.literals import (
    quotable,
    quotable_name,
    type_name,
    written,
    written_list,
)
from pushwoosh_async.targeting.tag_test import TagTest

# [ES:828]; from Blackberry on [BLOG]. There is no name for Huawei on record.
PLATFORMS = (
    "iOS",
    "Android",
    "OsX",
    "Windows",
    "Amazon",
    "Safari",
    "Chrome",
    "Firefox",
    "Blackberry",
    "Windows_Phone",
    "ASHA",
)
_CANONICAL = {platform.lower(): platform for platform in PLATFORMS}
_CODE = re.compile(r"[A-Z0-9]{5}-[A-Z0-9]{5}", re.ASCII | re.IGNORECASE)


def _application_code(code: str) -> str:
    plain = quotable("application", code)
    if not _CODE.fullmatch(plain):
        raise ConfigurationError("application: must be a code of the form XXXXX-XXXXX")
    return plain


def _group_code(code: str) -> str:
    return quotable_name("group", code)


def _platforms(names: Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    given: object = names
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise TypeError(f"platforms: must be a list of str, not {type_name(names)}")
    if not names:
        raise ConfigurationError("platforms: must not be empty; for all of them leave it out")
    plain = [quotable_name("platforms", name) for name in names]
    return tuple(_CANONICAL.get(name.lower(), name) for name in plain)


@attrs.frozen
class App(Filter):
    """The devices subscribed to an application. ``App("AAAAA-BBBBB", platforms=["iOS"])``.

    Vendor: ``A`` of createTargetedMessage's filters [ES:824-833].

    Attributes:
        code: the application's, five letters or digits, a hyphen, five more.
        platforms: iOS, Android, OsX, Windows, Amazon, Safari, Chrome, Firefox [ES:828], Blackberry,
            Windows_Phone, ASHA [BLOG], in any case, held as written here; another name, a
            misspelt one too, is kept as it is, for the vendor's list may grow, and `explain` marks
            it. None for all. An empty list is refused.
    """

    code: str = attrs.field(converter=_application_code)
    platforms: tuple[str, ...] | None = attrs.field(
        default=None, converter=_platforms, kw_only=True
    )

    @property
    def bounded(self) -> bool:
        """True."""
        return True

    def tag(self, test: TagTest) -> "AppTagTest":
        """Return the devices whose value of a tag, in this application, passes a test.

        Raises:
            TypeError: `test` is not a tag test.
            ConfigurationError: platforms were named, for which the filter language has no form
                here: write ``App(code, platforms=...) & App(code).tag(test)``.
        """
        if self.platforms is not None:
            raise ConfigurationError(
                "tag: takes no platforms: write App(code, platforms=...) & App(code).tag(test)"
            )
        return AppTagTest(self.code, test)

    def __str__(self) -> str:
        return _term("A", self.code, self.platforms)


@attrs.frozen
class AppGroup(Filter):
    """The devices subscribed to any application of a group. ``AppGroup("AAAAA-BBBBB")``.

    Vendor: ``G``, in a blog article and the vendor's Python library [BLOG, PY], not in the API's
    documents: a guess that createTargetedMessage still takes it.

    Attributes:
        code: the group's; its form is not documented.
        platforms: as of `App`.
    """

    code: str = attrs.field(converter=_group_code)
    platforms: tuple[str, ...] | None = attrs.field(
        default=None, converter=_platforms, kw_only=True
    )

    @property
    def bounded(self) -> bool:
        """True."""
        return True

    def __str__(self) -> str:
        return _term("G", self.code, self.platforms)


def _tag_test(test: TagTest) -> TagTest:
    if not isinstance(test, TagTest):
        raise TypeError(f"tag: must be a tag test, not {type_name(test)}")
    return test


@attrs.frozen
class AppTagTest(Filter):
    """The devices whose value of a tag in one application passes a test. Made by `App.tag`.

    Vendor: ``AT`` [ES:818, ES:926].

    Attributes:
        application: its code.
        test: of the tag.
    """

    application: str = attrs.field(converter=_application_code)
    test: TagTest = attrs.field(converter=_tag_test)

    @property
    def bounded(self) -> bool:
        """True."""
        return True

    def __str__(self) -> str:
        return f"AT({written(self.application)}, {self.test.arguments()})"


def _term(letter: str, code: str, platforms: tuple[str, ...] | None) -> str:
    listed = f", {written_list(platforms)}" if platforms else ""
    return f"{letter}({written(code)}{listed})"
