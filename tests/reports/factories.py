"""Personal reports and made ones for tests of others."""

from django.utils import timezone

from faza.accounts.models import User
from faza.contracts import access
from faza.metering.models import UsagePoint
from faza.reports import files, queries, services
from faza.reports.models import Run
from faza.reports.shaping import Layout


def things(prefix: str, point: UsagePoint, user: User) -> dict[str, str]:
    """A personal report of a user about a point, and one that was made with its file."""
    at = timezone.now()
    query = f"kind=detail&point={point.code}"
    report = services.keep(user, title=f"Отчёт {prefix}", query=query, layout=Layout(), at=at)
    windows = access.windows_of(user, at=at, points=[point.pk])
    run = Run.objects.create(
        user=user, title=report.title, query=query, format="csv", state=Run.State.MADE,
        scope=queries.scope_of(windows), created_at=at, ended_at=at, file=f"door{prefix}{point.pk}",
        name="отчёт.csv", size=4,
    )  # fmt: skip
    with files.fresh(run.file) as fresh:
        fresh.file.write(b"a;b\n")
        fresh.closed()
        fresh.place()
    return {f"{prefix}report": str(report.pk), f"{prefix}report_run": str(run.pk)}
