from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from faza.collection.grid.book import FILE_LIMIT, Found
from faza.collection.grid.columns import BY_KEY, COLUMNS, letter
from faza.collection.models import GridImport
from faza.desk.dates import validate_day
from faza.desk.forms import DeskForm, dressed
from faza.metering.models import NetworkNode

ENDINGS = (".xlsx", ".xls", ".csv", ".txt")


class FileForm(DeskForm):
    """The file with a grid."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        name = (file.name or "").lower()
        if not name.endswith(ENDINGS):
            raise forms.ValidationError(_("Choose a file XLSX, XLS or CSV."))
        if file.size is None or file.size > FILE_LIMIT:
            raise forms.ValidationError(_("The file is larger than 64 MB."))
        return file


def _named(node: NetworkNode) -> str:
    """A node with where it stands: many have the same name."""
    return f"{node.name} — {node.parent.name}" if node.parent else node.name


class ColumnsForm(forms.Form):
    """Which column of the file is what; a select each, named c0, c1, …"""

    since = forms.DateField(
        label=_("Installed and bound from, where the file does not say"),
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, one: GridImport, bases: Iterable[NetworkNode], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        language = get_language() or "ru"
        self.titles = one.titles
        self.bases = {node.pk: node for node in bases}
        self.fields["base"] = forms.TypedChoiceField(
            label=_("Paths begin at"),
            required=False,
            coerce=int,
            empty_value=None,
            choices=[
                ("", _("the root of the network")),
                *((node.pk, _named(node)) for node in self.bases.values()),
            ],
        )
        choices: list[tuple[str, str | Promise]] = [("", _("— left out —"))]
        choices += [(column.key, column.title(language)) for column in COLUMNS]
        for n, title in enumerate(one.titles):
            self.fields[f"c{n}"] = forms.ChoiceField(
                label=title or letter(n), required=False, choices=choices
            )
        dressed(self)  # last: it asks for the errors, and those ask for all fields

    @classmethod
    def first(cls, one: GridImport) -> dict[str, object]:
        """What the form begins with."""
        chosen = {f"c{n}": key for n, key in one.columns.items()}
        return {"since": one.since, "base": one.base_id, **chosen}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        keys = [data[f"c{n}"] for n in range(len(self.titles)) if data.get(f"c{n}")]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.add_error(None, _("“%(name)s” is chosen twice.") % {"name": _title(key)})
        for column in COLUMNS:
            if column.needed and column.key not in keys:
                told = {"name": _title(column.key)}
                self.add_error(None, _("Say which column is “%(name)s”.") % told)
        return data

    @property
    def keys(self) -> dict[int, str]:
        data = self.cleaned_data
        return {n: data[f"c{n}"] for n in range(len(self.titles)) if data.get(f"c{n}")}

    @property
    def base_node(self) -> NetworkNode | None:
        return self.bases.get(self.cleaned_data.get("base") or 0)

    def rows(self, found: Found | None) -> list[dict[str, Any]]:
        """The columns of the file with their selects and first cells."""
        samples = found.samples if found else ()
        return [
            {
                "letter": letter(n),
                "title": title,
                "field": self[f"c{n}"],
                "samples": [row[n] for row in samples if n < len(row) and row[n]],
            }
            for n, title in enumerate(self.titles)
        ]


def _title(key: str) -> str:
    return BY_KEY[key].title(get_language() or "ru")
