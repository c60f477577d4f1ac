"""Forms of the desk: one look of fields, and the forms that belong to no area."""

from __future__ import annotations

from typing import Any

from django import forms


def dressed(form: forms.BaseForm) -> None:
    """Give the fields of a form the look of the desk; classes that a widget has stay."""
    for field in form.fields.values():
        widget = field.widget
        match widget:
            case forms.CheckboxInput():
                css = "cbx"
            case forms.Select() if not isinstance(widget, forms.RadioSelect):
                css = "form-select"
            case forms.HiddenInput() | forms.RadioSelect() | forms.CheckboxSelectMultiple():
                continue
            case _:
                css = "form-control"
        widget.attrs.setdefault("class", css)


class DeskForm(forms.Form):
    """A form in the look of the desk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        dressed(self)


class KeepFilter(forms.Form):
    """Name and query of a kept filter."""

    listing = forms.SlugField(max_length=50)
    name = forms.CharField(max_length=80)
    query = forms.CharField(max_length=1000, required=False)
