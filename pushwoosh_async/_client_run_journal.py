"""Is the journal of a run as it was asked for?"""

import os
from collections.abc import Collection
from pathlib import Path

from pushwoosh_async._fanout.options import check_flag
from pushwoosh_async._fanout.resume import Again
from pushwoosh_async.errors import ConfigurationError

JournalPath = str | os.PathLike[str]


def check_journal(journal: JournalPath | None, *, store_ids: bool, again: Again) -> Path | None:
    """Return the journal's path; refuse what means nothing without one.

    Raises:
        TypeError: of the wrong type.
        ConfigurationError: an option needs a journal, or one that exists.
    """
    check_flag("store_ids", store_ids)
    if journal is None:
        for name, given in (
            ("store_ids", store_ids),
            ("retry_rejected", again.rejected),
            ("resend_in_doubt", bool(again.doubts)),
        ):
            if given:
                raise ConfigurationError(f"{name}: needs journal=")
        return None
    path = check_path(journal)
    if again.anything and not path.exists():
        raise ConfigurationError(
            "journal: retry_rejected and resend_in_doubt need one that exists, of an earlier session"
        )
    return path


def check_path(journal: object) -> Path:
    """Return the journal's path.

    Raises:
        TypeError: it is none.
        ConfigurationError: no file can have it.
    """
    if not isinstance(journal, (str, os.PathLike)):
        raise TypeError(f"journal: expected a path, got {type(journal).__name__}")
    text = os.fspath(journal)
    if not isinstance(text, str) or not text.strip() or "\0" in text:
        raise ConfigurationError("journal: must be the path of a file")
    return Path(text)


def check_again(retry_rejected: object, resend_in_doubt: object) -> Again:
    """Return what shall be sent once more.

    Raises:
        TypeError: of the wrong type.
    """
    check_flag("retry_rejected", retry_rejected)
    if not isinstance(resend_in_doubt, bool):
        if isinstance(resend_in_doubt, str) or not isinstance(resend_in_doubt, Collection):
            raise TypeError(
                "resend_in_doubt: expected a bool or a collection of transactionIds, "
                f"got {type(resend_in_doubt).__name__}"
            )
        resend_in_doubt = frozenset(resend_in_doubt)
    return Again(rejected=bool(retry_rejected), doubts=resend_in_doubt)
