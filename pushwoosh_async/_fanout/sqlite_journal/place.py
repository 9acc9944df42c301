"""Where a journal lies on the disk: its four files, and which files are not touched at all.

The database file is never opened by another descriptor while SQLite has it open: closing that one would
drop SQLite's own lock. So everything here looks at names, or is done before.
"""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from pushwoosh_async.errors import Delivery, JournalError

_log = logging.getLogger("pushwoosh_async")

_MOUNTS = Path("/proc/self/mountinfo")
# Where flock or fsync may promise more than they keep.
_NETWORKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"}
)


@frozen
class Place:
    """The files of one journal.

    Attributes:
        path: the database.
        rollback: SQLite's own journal of a transaction, empty between two.
        lock: held while the journal is used; it stays.
        status: what a running send shows of itself.
        next_status: the same, while it is being written.
    """

    path: Path

    @property
    def rollback(self) -> Path:
        return self._beside("-journal")

    @property
    def lock(self) -> Path:
        return self._beside(".lock")

    @property
    def status(self) -> Path:
        return self._beside(".status")

    @property
    def next_status(self) -> Path:
        return self._beside(".status.new")

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def is_bare(self) -> bool:
        """Tell whether nothing lies here that speaks of a run; False, too, where that cannot be seen."""
        try:
            return _stat(self.path) is None and _stat(self.status) is None
        except OSError:
            return False

    def refusal(self, rule: str, *, delivery: Delivery = "in_doubt") -> JournalError:
        """Return the error that names the journal and the rule it breaks."""
        return JournalError(f"{self.path}: {rule}", delivery=delivery)


def place_of(path: str | os.PathLike[str]) -> Place:
    """Return the place of a journal.

    Raises:
        JournalError: no file can have such a name.
    """
    place = Place(Path(os.path.abspath(path)))  # noqa: PTH100 -- resolve() would follow a symlink
    if "\0" in str(place.path) or not place.path.name:
        raise JournalError("journal: no file can have such a name", delivery="not_sent")
    return place


@contextmanager
def disk_errors(place: Place, *, delivery: Delivery = "in_doubt") -> Iterator[None]:
    """Turn what the operating system refuses into ours."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return
    raise place.refusal(f"cannot be opened: {reason}", delivery=delivery)


def look(place: Place) -> os.stat_result | None:
    """Return what lies at the path, None if nothing does, or refuse it.

    Raises:
        JournalError: it, or SQLite's file beside it, is nothing we may touch.
    """
    with disk_errors(place):
        if not place.path.parent.is_dir():
            raise place.refusal("its folder does not exist: make it first", delivery="not_sent")
        found = _stat(place.path)
        beside = _stat(place.rollback)
    for path, each in ((place.path, found), (place.rollback, beside)):
        if each is not None and (fault := _fault(path, each)):
            raise JournalError(f"{path}: {fault}")
    return found


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _fault(path: Path, found: os.stat_result) -> str | None:
    mode = found.st_mode
    if stat.S_ISLNK(mode):
        return "is a symbolic link, and none is followed: give the file itself"
    if not stat.S_ISREG(mode):
        return "is not a regular file: give the journal another name"
    if found.st_uid != os.geteuid():
        return f"belongs to user {found.st_uid}, and this is user {os.geteuid()}: run as its owner"
    if found.st_nlink > 1:
        # SQLite keeps the rollback journal beside one name only: by another, a crash is not undone.
        return f"has {found.st_nlink} names (hard links), and may have one: remove the others"
    if stat.S_IMODE(mode) & 0o177:
        return f"others may read it, and it is confidential: chmod 600 {path}"
    return None


def create(place: Place) -> None:
    """Make an empty file that is ours alone, before SQLite would make one that is not.

    Raises:
        JournalError: it cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with disk_errors(place, delivery="not_sent"):
        os.close(os.open(place.path, flags, 0o600))
        sync_folder(place.path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def warn_of_network(place: Place) -> None:
    """Warn where the file system is a network's: its locks and syncs may not hold."""
    try:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return
    kind = file_system_of(str(place.path.parent.resolve()), mounts)
    if kind in _NETWORKS:
        _log.warning(
            "%s: lies on a network file system (%s), whose locks and syncs may not hold: "
            "use a local disk",
            place.path,
            kind,
        )


def file_system_of(folder: str, mounts: str) -> str:
    """Return the type of the file system that holds a folder.

    Args:
        folder: an absolute path without symbolic links.
        mounts: what /proc/self/mountinfo says.
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = _unescaped(left.split(" ")[4])
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # a later mount on the same point covers the earlier
            best, kind = point, right.split(" ")[0]
    return kind


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
