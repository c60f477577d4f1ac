"""Deeds of exchange: importing files, numbering our messages, agreeing on codes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import F, Q

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection import rules
from faza.collection.importing import File, Importer
from faza.collection.models import ExchangeProfile, PointCode
from faza.collection.summary import (
    FORMATS,
    ImportOptions,
    ImportSummary,
    Progress,
    ProgressCallback,
)
from faza.metering.models import UsagePoint
from faza.protocols import Malformed
from faza.protocols.files import open_files
from faza.protocols.problems import Problems

__all__ = [
    "FORMATS",
    "ImportOptions",
    "ImportSummary",
    "Progress",
    "agree",
    "import_files",
    "map_codes",
    "take_numbers",
]

Given = Path | str | tuple[str, BinaryIO]
"""A file or folder by its path, or a name with a stream that can seek."""
DEFAULT = ImportOptions()
SUFFIXES = frozenset({".xml", ".zip", ".csv", ".txt", ".xlsx", ".json", ".jsonl", ".ndjson"})
"""Of files that are taken out of folders; what is given by name is always tried."""


def import_files(
    given: Iterable[Given],
    *,
    at: datetime,
    options: ImportOptions = DEFAULT,
    progress: ProgressCallback | None = None,
) -> ImportSummary:
    """Import files, folders (in the order of names) and zip archives; what was done.

    A message is stored wholly or not at all; what was stored before a failure stays, and
    importing again completes it: doing it twice does it once. Bad rows are problems and the
    rest is stored; of a file that is no such file nothing is. With `dry_run` nothing is stored.

    What cannot be read in a folder is refused and the rest imported; files of other kinds there
    are passed over, and a note says so.

    Raises OSError if a path that was given cannot be read; nothing is stored then.
    """
    files = list(_files(given))
    importer = Importer(options=options, at=at)
    for done, found in enumerate(files):
        if found.is_foreign:
            kind = f"*{found.suffix}" if found.suffix else "without an extension"
            importer.summary.note(f"Files {kind} in folders are passed over; name them to try.")
            continue
        try:
            if found.problem is not None:
                raise found.problem
            _import_one(importer, found, at, _teller(progress, importer, done, len(files)))
        except OSError as problem:
            if not found.in_folder:
                raise
            reason = f"It cannot be read: {problem.strerror or problem}."
            importer.refuse(File(found.name, ""), Malformed(reason, code="unreadable"))
    summary = importer.finish()
    if progress:
        progress(Progress(len(files), len(files), "", summary.values))
    return summary


def _teller(
    progress: ProgressCallback | None, importer: Importer, done: int, total: int
) -> ProgressCallback | None:
    if progress is None:
        return None

    def tell(now: Progress) -> None:
        progress(Progress(done, total, now.name, importer.summary.values))

    return tell


@dataclass(frozen=True, slots=True)
class _Found:
    """A file to import: a path or a stream; `problem` is why it cannot be read."""

    name: str
    path: Path | None = None
    stream: BinaryIO | None = None
    in_folder: bool = False
    problem: OSError | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether it only lies in a folder by the way: its name is none of a file to import."""
        return self.in_folder and self.path is not None and self.suffix not in SUFFIXES

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix.lower()


def _import_one(
    importer: Importer, found: _Found, at: datetime, tell: ProgressCallback | None
) -> None:
    """Import a file, or the members of an archive one by one."""
    name, path, stream = found.name, found.path, found.stream
    modified = at
    if path is not None:
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        stream = path.open("rb")
    assert stream is not None
    problems = Problems(name)
    try:
        members = open_files(name, stream, problems=problems)
        with closing(members):  # type: ignore[type-var]  # it is a generator
            for member, data in members:
                shown = name if member == name else f"{name}/{member}"
                if tell:
                    tell(Progress(0, None, shown, 0))
                importer.take(shown, data, modified)
    except Malformed as problem:
        importer.refuse(File(name, ""), problem)
    finally:
        if path is not None:
            stream.close()
    for problem_ in problems.items:
        importer.summary.problem(problem_.file, problem_.line, problem_.reason, problem_.code)


def _files(given: Iterable[Given]) -> Iterator[_Found]:
    """Files to import: those given, and what is in folders, in the order of names."""
    for item in given:
        if isinstance(item, tuple):
            yield _Found(item[0], stream=item[1])
            continue
        path = Path(item)
        if not path.is_dir():
            if problem := _problem_of(path):
                raise problem
            with path.open("rb"):  # raises OSError at once, before anything is stored
                pass
            yield _Found(_shown(path), path)
            continue
        closed: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=closed.append):
            folders[:] = sorted(name for name in folders if not rules.is_hidden(name))
            for name in sorted(names):
                if not rules.is_hidden(name):
                    inside = Path(folder) / name
                    problem = _problem_of(inside)
                    yield _Found(_shown(inside), inside, in_folder=True, problem=problem)
        for problem in closed:
            yield _Found(_shown(Path(problem.filename)), in_folder=True, problem=problem)


def _problem_of(path: Path) -> OSError | None:
    """Why something is not to be opened: a pipe or device would keep us waiting for ever."""
    if path.is_file() or not path.exists():
        return None
    return OSError(errno.EINVAL, "no regular file", str(path))


def _shown(path: Path) -> str:
    """A path as text that every output and database takes, whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "replace")


@transaction.atomic
def agree(profile: ExchangeProfile, *, at: datetime, by: User | None = None) -> ExchangeProfile:
    """Store what is agreed with a counterparty, new or changed.

    Messages that were imported before stay as they were cut. Raises ValidationError if a field
    says what cannot be.
    """
    profile.full_clean()
    profile.save()
    audit.note(
        "collection.profile.agreed",
        of=profile,
        by=by,
        at=at,
        after={
            "sender": profile.sender_inn,
            "area": profile.area_inn,
            "zone": profile.zone,
            "rounding": profile.rounding,
        },
    )
    return profile


@transaction.atomic
def map_codes(
    profile: ExchangeProfile,
    codes: Mapping[str, UsagePoint],
    *,
    at: datetime,
    by: User | None = None,
) -> None:
    """Say which usage points a counterparty's codes mean, instead of what they meant before.

    Other codes of the profile stay. What was imported under a code before stays where it is.
    """
    PointCode.objects.filter(profile=profile).filter(
        Q(code__in=codes) | Q(usage_point__in=[point.pk for point in codes.values()])
    ).delete()
    PointCode.objects.bulk_create(
        PointCode(profile=profile, code=code, usage_point=point) for code, point in codes.items()
    )
    audit.note(
        "collection.codes.mapped",
        of=profile,
        by=by,
        at=at,
        after={code: point.pk for code, point in codes.items()},
    )


def take_numbers(profile: ExchangeProfile, count: int) -> int:
    """The first of `count` message numbers that nobody has had; they are taken for good.

    Locks the profile's row until the surrounding transaction ends.
    """
    with transaction.atomic():
        ExchangeProfile.objects.filter(pk=profile.pk).update(last_number=F("last_number") + count)
        profile.refresh_from_db(fields=["last_number"])
    return profile.last_number - count + 1
