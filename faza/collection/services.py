"""Deeds of exchange: importing files, numbering our messages, agreeing on codes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
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

    Raises OSError if a path cannot be read.
    """
    files = list(_files(given))
    importer = Importer(options=options, at=at)
    for done, (name, path, stream) in enumerate(files):
        _import_one(importer, name, path, stream, at, _teller(progress, importer, done, len(files)))
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


def _import_one(
    importer: Importer,
    name: str,
    path: Path | None,
    stream: BinaryIO | None,
    at: datetime,
    tell: ProgressCallback | None,
) -> None:
    """Import a file, or the members of an archive one by one."""
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


def _files(given: Iterable[Given]) -> Iterator[tuple[str, Path | None, BinaryIO | None]]:
    """Files to import: those given, and what is in folders, in the order of names."""
    for item in given:
        if isinstance(item, tuple):
            yield item[0], None, item[1]
            continue
        path = Path(item)
        if not path.is_dir():
            with path.open("rb"):  # raises OSError at once, before anything is stored
                pass
            yield _shown(path), path, None
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not rules.is_hidden(name))
            for name in sorted(names):
                if not rules.is_hidden(name):
                    inside = Path(folder) / name
                    yield _shown(inside), inside, None


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
