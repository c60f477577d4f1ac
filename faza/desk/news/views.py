"""Pages and deeds of news: the list, a piece, its editor with a preview, publishing."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts import texts
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.news import rows
from faza.desk.news.forms import LONGEST, NewsForm, beginning
from faza.desk.news.reach import may_change, news_of
from faza.notifications.models import News, NewsRead
from faza.notifications.news import audience, services


@never_cache
@require_safe
@needs(Right.SEE_NEWS)
def listing(request: HttpRequest) -> HttpResponse:
    """News, what is published last first."""
    user, at = request_user(request), timezone.now()
    found = rows.news(user, at=at)
    listed = lists.shown(request, found, table=rows.NewsTable, filters=rows.NewsFilter, name="news")
    file = lists.exported(request, listed, title=_("News"))
    if file is not None:
        return file
    mine = news_of(user, at=at)
    told = {
        "listed": listed,
        "published": mine.filter(published_at__isnull=False, withdrawn_at=None).count(),
        "drafts": mine.filter(published_at=None).count(),
    }
    return render(request, "desk/news/list.html", told)


@never_cache
@require_safe
@needs(Right.SEE_NEWS)
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """A piece as people read it, for whom it is, how many of them have read it."""
    at = timezone.now()
    found = _reached(request, pk, at)
    told = _told(found, at) | {"may_change": may_change(request_user(request), found)}
    return render(request, "desk/news/piece.html", told)


def _reached(request: HttpRequest, pk: int, at: datetime) -> News:
    """Raises Http404 for what is not within reach."""
    rows_ = news_of(request_user(request), at=at).select_related("author")
    return get_object_or_404(rows_, pk=pk)


def _changed(request: HttpRequest, pk: int, at: datetime) -> News:
    """A piece to be changed. Raises Http404; PermissionDenied of what is not one's to change."""
    found = _reached(request, pk, at)
    if not may_change(request_user(request), found):
        raise PermissionDenied("news for everywhere are the administrator's")
    return found


def _told(news: News, at: datetime) -> dict[str, object]:
    nodes, points = list(news.nodes.order_by("path")), list(news.points.order_by("name_key"))
    return {
        "news": news,
        "body": texts.render(news.body),
        "state": rows.STATES[news.state],
        "css": rows.CSS[news.state],
        "readers": rows.readers(news, len(nodes), len(points)),
        "nodes": nodes,
        "points": points,
        "people": audience.people(news, at=at).count(),
        "read": NewsRead.objects.filter(news=news).count(),
        "seen": news.written_at.isoformat(),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_NEWS)
def new(request: HttpRequest) -> HttpResponse:
    """Write a piece."""
    return _edit(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_NEWS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on writing a draft."""
    found = _changed(request, pk, timezone.now())
    if found.state != "draft":
        messages.error(request, _("What is published never changes; withdraw it and write anew."))
        return redirect("desk:news-piece", pk)
    return _edit(request, found)


def _edit(request: HttpRequest, over: News | None) -> HttpResponse:
    user, at = request_user(request), timezone.now()
    form = NewsForm(
        request.POST or None, user=user, at=at, initial=beginning(over) if over else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            kept = services.write(
                piece=form.piece, by=user, at=at, over=over, seen=form.cleaned_data["seen"]
            )
        except services.Changed:
            form.add_error(None, _("Somebody has changed the draft meanwhile; open it once more."))
        except services.Published:
            messages.error(request, _("It has been published meanwhile."))
            return redirect("desk:news")
        except services.Empty:
            form.add_error("body", _("There are no words in it."))
        else:
            messages.success(request, _("The draft is kept. Nobody but staff sees it."))
            to = "desk:news-publish" if "publish" in request.POST else "desk:news-piece"
            return redirect(to, kept.pk)
    told = {
        "form": form,
        "news": over,
        "title": form["title"].value() or "",
        "body": texts.render(form["body"].value() or ""),
    }
    return render(request, "desk/news/edit.html", told, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.EDIT_NEWS)
def preview(request: HttpRequest) -> HttpResponse:
    """How a piece will look; nothing is kept."""
    told = {
        "title": request.POST.get("title", "")[:200],
        "body": texts.render(request.POST.get("body", "")[:LONGEST]),
    }
    return render(request, "desk/office/preview.html", told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_NEWS)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what publishing does, and do it once that was confirmed."""
    user, at = request_user(request), timezone.now()
    found = _changed(request, pk, at)
    if request.method == "POST":
        try:
            services.publish(news=found, by=user, at=at, seen=request.POST.get("seen", ""))
        except services.Changed:
            messages.error(request, _("The draft was changed meanwhile. Read it once more."))
            return redirect("desk:news-publish", pk)
        except services.Published:
            messages.error(request, _("It is published already."))
        else:
            messages.success(request, _("It is published. Mails go out by themselves."))
        return redirect("desk:news-piece", pk)
    if found.state != "draft":
        messages.error(request, _("It is published already."))
        return redirect("desk:news-piece", pk)
    return render(request, "desk/news/publish.html", _told(found, at))


@require_POST
@needs(Right.EDIT_NEWS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it to nobody any more."""
    user, at = request_user(request), timezone.now()
    try:
        services.withdraw(news=_changed(request, pk, at), by=user, at=at)
    except services.NotPublished:
        messages.error(request, _("It is not published."))
    else:
        messages.success(request, _("It is withdrawn: nobody sees it in the cabinet any more."))
    return redirect("desk:news-piece", pk)


@require_POST
@needs(Right.EDIT_NEWS)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    user, at = request_user(request), timezone.now()
    try:
        services.drop(news=_changed(request, pk, at), by=user, at=at)
    except services.Published:
        messages.error(request, _("What is published never changes; withdraw it and write anew."))
        return redirect("desk:news-piece", pk)
    messages.success(request, _("The draft is deleted."))
    return redirect("desk:news")


@require_POST
@needs(Right.EDIT_NEWS)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the words and readers of a piece."""
    user, at = request_user(request), timezone.now()
    found = _changed(request, pk, at)
    made = services.write(piece=services.piece_of(found), by=user, at=at)
    messages.success(request, _("A new draft was made of it."))
    return redirect("desk:news-edit", made.pk)
