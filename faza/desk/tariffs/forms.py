from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from faza.desk.forms import DeskForm
from faza.tariffs.files import ENDINGS, LIMIT
from faza.tariffs.rules import cells, columns

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def validate_since(day: date) -> None:
    """Refuse a day that no price can be of. Raises ValidationError."""
    if not cells.FIRST <= day <= cells.LAST:
        raise forms.ValidationError(_("Give a day of the years 2000 to 2199."))


class FileForm(DeskForm):
    """A file with prices."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if not (file.name or "").lower().endswith(ENDINGS):
            raise forms.ValidationError(_("Choose a file XLSX, XLS or CSV."))
        if file.size is None or file.size > LIMIT:
            raise forms.ValidationError(_("The file is larger than 8 MB."))
        return file


class VatForm(DeskForm):
    """A rate of the tax from a day on."""

    valid_from = forms.DateField(label=_("From"), widget=DATE, validators=[validate_since])
    percent = forms.DecimalField(
        label=_("Rate, %"), min_value=Decimal(0), max_value=Decimal(100), decimal_places=2
    )
    source = forms.CharField(label=_("Source"), max_length=300)


class WithdrawForm(forms.Form):
    """Which table of a tariff is taken away."""

    sort = forms.ChoiceField(
        choices=[(s, s) for s in (columns.PRICES, columns.RANGES, columns.SEASONS)],
        widget=forms.HiddenInput,
    )
    component = forms.CharField(max_length=30, required=False, widget=forms.HiddenInput)
    since = forms.DateField(validators=[validate_since], widget=forms.HiddenInput)
