"""What the pages of files of readings show; the cabinet and the desk have the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from faza.accounts.models import User
from faza.jobs import queries as jobs
from faza.manual_entry import file_words, filing, table
from faza.manual_entry.models import Entry, EntryFile
from faza.manual_entry.table import Line
from faza.protocols.problems import Malformed
from faza.ui.files import as_csv

RECENT = 20
"""So many of the person's files are listed."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_IN_WORKBOOK = 3_000
"""Points of a template as a workbook; more come as CSV, which is sent while it is made."""


class FileForm(forms.Form):
    """The file with readings."""

    file = forms.FileField(
        label=gettext_lazy("File with readings"),
        widget=forms.FileInput(attrs={"accept": ",".join(table.ENDINGS), "class": "form-control"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if not (file.name or "").lower().endswith(table.ENDINGS):
            raise forms.ValidationError(_("Choose a file XLSX, XLS or CSV."))
        if file.size is None or file.size > table.LIMIT:
            raise forms.ValidationError(_("The file is larger than 16 MB, or unpacks to more."))
        return file

    def upload(self, *, way: Entry.Way, by: User, at: datetime) -> EntryFile | None:
        """The file kept and tried, or being tried; None with a word of why it is refused."""
        if not self.is_valid():
            return None
        file = self.cleaned_data["file"]
        try:
            return filing.upload(name=file.name, content=file.read(), way=way, by=by, at=at)
        except Malformed as problem:
            self.add_error("file", file_words.refusal(problem))
            return None


def recent(user: User, way: Entry.Way) -> list[EntryFile]:
    """A person's last files."""
    return list(filing.files_of(user, way)[:RECENT])


def shown(one: EntryFile) -> dict[str, Any]:
    """What is told of a file: its trial, its progress or what came of it."""
    if one.is_working:
        job = jobs.all_jobs().filter(pk=one.job or 0).first()
        return {"one": one, "job": job, "is_lost": job is None or job.is_ended}
    remarks, doubted = file_words.remarks(one.told), file_words.doubted(one.told)
    return {
        "one": one,
        "told": one.told,
        "is_waiting": one.state == EntryFile.State.CHECKED,
        "is_stopped": one.state == EntryFile.State.STOPPED,
        "remarks": remarks[: file_words.SHOWN],
        "more": max(len(remarks) - file_words.SHOWN, 0),
        "doubted": doubted[: file_words.SHOWN],
        "more_doubted": max(len(doubted) - file_words.SHOWN, 0),
        "count": len(remarks),
        "left": one.told.get("left_out", 0),
    }


@dataclass(frozen=True, slots=True)
class FilePages:
    """The pages of one way of sending files; the faces let people in and give the addresses.

    name: of the url of the list, others are it and a word; base: folder of the face's templates;
    pane, head, body: css of a box, of its head and of its body.
    """

    way: Entry.Way
    name: str
    base: str
    pane: str
    head: str
    body: str

    def url(self, word: str = "", pk: int | None = None) -> str:
        """`name`, with "-one" or "_one" as its last separator is."""
        separator = "-" if "-" in self.name else "_"
        return reverse(f"{self.name}{separator}{word}" if word else self.name,
                       args=None if pk is None else [pk])  # fmt: skip

    def find(self, request: HttpRequest, pk: int) -> EntryFile:
        """A file of the person's own; a foreign one is not there (404)."""
        return get_object_or_404(filing.files_of(cast(User, request.user), self.way), pk=pk)

    def files(self, request: HttpRequest, at: datetime, shown: dict[str, Any]) -> HttpResponse:
        """The form for a file and earlier files. shown: what the face adds, with template urls."""
        user, form = cast(User, request.user), FileForm()
        if request.method == "POST":
            form = FileForm(request.POST, request.FILES)
            one = form.upload(way=self.way, by=user, at=at)
            if one is not None:
                return redirect(self.url("one", one.pk))
        separator = "-" if "-" in self.name else "_"
        shown |= self._box() | {
            "form": form,
            "files": recent(user, self.way),
            "upload_url": self.url(),
            "one_name": f"{self.name}{separator}one",
        }
        status = 422 if form.errors else 200
        return render(request, f"{self.base}/files.html", shown, status=status)

    def one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A file as it stands: how far it is, what it would send, what it sent."""
        found = self.find(request, pk)
        here = self.url("one", pk)
        told = self._box() | shown(found) | {"one_url": here, "files_url": self.url()}
        for word in ("send", "drop", "remarks", "resume"):
            told[f"{word}_url"] = self.url(word, pk)
        if not request.headers.get("HX-Request"):
            return render(request, f"{self.base}/one.html", told)
        if not found.is_working:
            return HttpResponseClientRedirect(here)
        return render(request, "manual_entry/file_working.html", told)

    def remarks(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All that is wrong in a file, by its rows."""
        rows = file_words.rows(file_words.remarks(self.find(request, pk).told))
        return as_csv(rows, title=_("Remarks"), name="remarks")

    def send(self, request: HttpRequest, pk: int, at: datetime) -> HttpResponse:
        """Send the good points of a file."""
        user, sure = cast(User, request.user), bool(request.POST.get("confirmed"))
        try:
            filing.apply(one=self.find(request, pk), confirmed=sure, by=user, at=at)
        except filing.NotNow:
            messages.warning(request, _("This file was sent or put aside already."))
        return redirect(self.url("one", pk))

    def resume(self, request: HttpRequest, pk: int, at: datetime) -> HttpResponse:
        """Begin again what was stopped halfway."""
        try:
            filing.resume(one=self.find(request, pk), by=cast(User, request.user), at=at)
        except filing.NotNow:
            messages.warning(request, _("There is nothing to begin again: look at the file."))
        return redirect(self.url("one", pk))

    def drop(self, request: HttpRequest, pk: int, at: datetime) -> HttpResponse:
        """Put a file aside."""
        try:
            filing.put_aside(one=self.find(request, pk), by=cast(User, request.user), at=at)
        except filing.NotNow:
            messages.warning(request, _("This file was sent or put aside already."))
        return redirect(self.url())

    def _box(self) -> dict[str, Any]:
        return {"pane": self.pane, "head": self.head, "body": self.body}


def template(
    lines: Iterable[Line], ending: str, language: str, *, with_dates: bool
) -> HttpResponse | StreamingHttpResponse:
    """The template as a file to download: "xlsx", else CSV."""
    response: HttpResponse | StreamingHttpResponse
    if ending == "xlsx":
        made = table.as_xlsx(lines, language, with_dates=with_dates)
        response = HttpResponse(made, content_type=XLSX)
    else:
        chunks = table.as_csv(lines, language, with_dates=with_dates)
        response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="faza-readings.{ending}"'
    response["Cache-Control"] = "private, no-store"
    return response
