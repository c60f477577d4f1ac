from __future__ import annotations

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from faza.accounts import card
from faza.cabinet.help import finding, topics


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """All topics by group, what a search finds, and whom to ask."""
    search = request.GET.get("q", "").strip()[:100]
    texts = topics.all_texts(topics.language())
    told = {
        "search": search,
        "found": finding.find(search, texts) if search else [],
        "groups": _grouped(texts),
        "card": card.current(),
    }
    return render(request, "cabinet/help/index.html", told)


@require_safe
@login_required
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic."""
    if slug not in topics.BY_SLUG:
        raise Http404(slug)
    language = topics.language()
    text = topics.text_of(slug, language)
    told = {
        "text": text,
        "sections": [(one, topics.render(one.body)) for one in text.sections],
        "groups": _grouped(topics.all_texts(language)),
        "card": card.current(),
    }
    return render(request, "cabinet/help/topic.html", told)


def _grouped(texts: tuple[topics.Text, ...]) -> list[tuple[str, list[topics.Text]]]:
    by_group = groupby(texts, key=lambda one: one.topic.group)
    return [(str(group), list(some)) for group, some in by_group]
