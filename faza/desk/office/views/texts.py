"""Legal texts: editions, who accepted them, the draft beside its preview, publishing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts import services
from faza.accounts import texts as legal
from faza.accounts.models import LegalText
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.office import forms, papers

CHANGED = gettext_noop(
    "Somebody changed the draft meanwhile. What they wrote stands below yours; put both together"
    " and save once more."
)


@require_safe
@needs(Right.SEE_OFFICE)
def texts(request: HttpRequest) -> HttpResponse:
    """Both kinds: what is in force and how many accepted it, the draft, earlier editions."""
    told = {"kinds": papers.kinds(), "missing": legal.missing(), "people": papers.people()}
    return render(request, "desk/office/texts.html", told)


@require_safe
@needs(Right.SEE_OFFICE)
def edition(request: HttpRequest, pk: int) -> HttpResponse:
    """An edition as people read it, with its history."""
    text = get_object_or_404(LegalText, pk=pk)
    told = {
        "text": text,
        "kind": LegalText.Kind(text.kind),
        "body": legal.render(text.body),
        "accepted": papers.accepted(text),
        "people": papers.people(),
        "is_current": legal.current().get(LegalText.Kind(text.kind)) == text,
    }
    return render(request, "desk/office/text.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_TEXTS)
def draft(request: HttpRequest, kind: str) -> HttpResponse:
    """Write the next edition of a kind; a draft that somebody changed meanwhile is not lost."""
    of = _kind(kind)
    standing = papers.draft(of)
    form = forms.Draft(request.POST or None, initial=papers.beginning(of, standing))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            services.draft_text(
                kind=of,
                title=told["title"],
                body=told["body"],
                seen=told["seen"],
                at=timezone.now(),
                by=request_user(request),
            )
        except services.DraftChanged:
            form = _with_mark(request, legal.mark(standing))
            form.add_error(None, _(CHANGED))
        else:
            messages.success(request, _("The draft is kept. Nobody but staff sees it."))
            to = "desk:text-publish" if "publish" in request.POST else "desk:text-draft"
            return redirect(to, kind=of)
    told = {
        "form": form,
        "kind": of,
        "draft": standing,
        "body": legal.render(form["body"].value() or ""),
        "theirs": standing if form.non_field_errors() else None,
    }
    return render(request, "desk/office/draft.html", told, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.EDIT_TEXTS)
def preview(request: HttpRequest) -> HttpResponse:
    """How a text will look; nothing is kept."""
    told = {
        "title": request.POST.get("title", "")[:300],
        "body": legal.render(request.POST.get("body", "")[: forms.LONGEST_TEXT]),
    }
    return render(request, "desk/office/preview.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_TEXTS)
def publish(request: HttpRequest, kind: str) -> HttpResponse:
    """Say what publishing does, and do it once that was confirmed."""
    of = _kind(kind)
    standing = papers.draft(of)
    if standing is None:
        messages.error(request, _("There is no draft to publish."))
        return redirect("desk:texts")
    if request.method == "POST":
        try:
            text = services.publish_text(
                kind=of, seen=request.POST.get("seen"), at=timezone.now(), by=request_user(request)
            )
        except services.DraftChanged:
            messages.error(request, _("The draft was changed meanwhile. Read it once more."))
            return redirect("desk:text-publish", kind=of)
        except (services.NoDraft, services.EmptyText):
            messages.error(request, _("There is no draft to publish."))
            return redirect("desk:texts")
        messages.success(request, _("Edition %(number)s is published.") % {"number": text.number})
        return redirect("desk:texts")
    told = {
        "kind": of,
        "draft": standing,
        "body": legal.render(standing.body),
        "seen": legal.mark(standing),
        "people": papers.people(),
        "missing": [one for one in legal.missing() if one != of],
        "is_open": legal.is_registration_open(),
    }
    return render(request, "desk/office/publish.html", told)


def _with_mark(request: HttpRequest, mark: str) -> forms.Draft:
    """What was typed, to be kept over the draft that stands now."""
    typed = request.POST.copy()
    typed["seen"] = mark
    form = forms.Draft(typed)
    form.full_clean()
    return form


def _kind(kind: str) -> LegalText.Kind:
    if kind not in LegalText.Kind.values:
        raise Http404("no such kind of text")
    return LegalText.Kind(kind)
