"""Pages and deeds of applications: the queue with the evidence, the decision, the talk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.contracts import access
from faza.contracts.models import Application
from faza.contracts.permissions import Right, may
from faza.contracts.rules.applications import AlreadyDecided, State, WrongMove
from faza.contracts.services import AlreadyMember, OutsideAgreement, applications
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.requests import evidence, forms, queue, viewing, words

TABS = {State.WAITING: queue.WAITING, State.CORRECTION: queue.CORRECTION}


@never_cache
@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def requests(request: HttpRequest) -> HttpResponse:
    """The queue with one application beside it; for htmx only the application."""
    return shown(request, queue.Asked.of(request.GET), evidence.Choices.of(request.GET))


@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def open_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an application stands in the queue: links of other pages need not know its state."""
    application = reached(request, pk, timezone.now())
    choices = evidence.Choices.of(request.GET)
    return redirect(address_of(application, agreement=choices.agreement))


def shown(
    request: HttpRequest,
    asked: queue.Asked,
    choices: evidence.Choices,
    *,
    chosen: Application | None = None,
    error: str = "",
) -> HttpResponse:
    """The page of an application in its queue; `chosen` where the address does not say which."""
    user, at = request_user(request), timezone.now()
    listed = queue.listed(user, asked, at=at)
    application = chosen or _asked_for(request, listed, at)
    told: dict[str, object] = {"asked": asked, "listed": listed, "error": error}
    if application is not None:
        told["case"] = evidence.case(application, choices, reader=user, at=at)
        told |= _neighbours(listed, application)
        told |= {"refusal": forms.RefuseForm(), "question": forms.AskForm()}
        viewing.note("contracts.application.viewed", application, by=user, at=at)
    told["may_decide"] = may(user, Right.DECIDE_APPLICATIONS)
    if request.headers.get("HX-Request") == "true":
        return render(request, "desk/requests/case.html", told)
    told |= {"pace": queue.pace(user, at=at), "last": queue.last_decided(user, at=at)}
    return render(request, "desk/requests/queue.html", told, status=422 if error else 200)


def _asked_for(request: HttpRequest, listed: queue.Listed, at: datetime) -> Application | None:
    """The application that the address names, else the first of the list."""
    asked = request.GET.get("id", "")
    if asked:
        return reached(request, asked, at)
    if not listed.rows:
        return None
    return reached(request, listed.rows[0].application.pk, at)


def _neighbours(listed: queue.Listed, application: Application) -> dict[str, object]:
    """The addresses of the applications before and after one in the list."""
    ids = listed.ids
    if application.pk not in ids:
        return {"following": ids[0] if ids else None, "earlier_url": "", "next_url": ""}
    place = ids.index(application.pk)
    earlier = listed.rows[place - 1].url if place else ""
    following = listed.rows[place + 1] if place + 1 < len(ids) else None
    return {
        "earlier_url": earlier,
        "next_url": following.url if following else "",
        # After a decision the next one is shown, after that of the last one the one before.
        "following": ids[place + 1] if following else ids[place - 1] if place else None,
    }


def reached(request: HttpRequest, key: object, at: datetime) -> Application:
    """An application within reach whose address is proven. Raises Http404."""
    text = str(key)
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404("no such application")
    found = (
        queue.reached(request_user(request), at=at)
        .filter(pk=int(text))
        .select_related("user", "taken_by", "decided_by", "agreement__customer")
        .first()
    )
    if found is None:
        raise Http404("no such application")
    return found


def address_of(application: Application, *, agreement: int | None = None) -> str:
    """Where an application stands in the queue now; `agreement` is the one beside it."""
    tab = TABS.get(State(application.state), queue.DECIDED)
    return reverse("desk:requests") + queue.Asked(tab=tab).address(
        id=application.pk, agreement=agreement
    )


def _back(request: HttpRequest, application: Application, at: datetime) -> str:
    """After a decision: the next of the list, where one was named; else the queue."""
    following = request.POST.get("following", "")
    asked = queue.Asked.of(request.POST)
    if not following:
        return reverse("desk:requests") + asked.address()
    return reverse("desk:requests") + asked.address(id=reached(request, following, at).pk)


def attempt(request: HttpRequest, application: Application, deed: Callable[[], object]) -> bool:
    """Do something to an application; whether it was done. Why not is told on the next page."""
    try:
        deed()
    except AlreadyDecided:
        application.refresh_from_db()
        messages.error(request, _decided(application))
    except WrongMove:
        messages.error(request, _("The application has moved on meanwhile: look at it anew."))
    except applications.OwnApplication:
        messages.error(request, _("Your own application is decided by a colleague."))
    except applications.AlreadyTaken:
        application.refresh_from_db()
        holder = application.taken_by
        name = words.short_name(holder.full_name) if holder else ""
        messages.error(request, _("%(name)s has it in hand already.") % {"name": name})
    except applications.TooLate:
        messages.error(request, _("A decision can be taken back for 15 minutes; they are over."))
    except AlreadyMember:
        messages.error(
            request,
            _("The applicant's access to this customer has an end already: change it there."),
        )
    except OutsideAgreement:
        messages.error(request, _("The agreement does not hold in the days that you gave."))
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
    else:
        return True
    return False


def _decided(application: Application) -> str:
    who = application.decided_by
    told = {
        "name": words.short_name(who.full_name) if who else _("the system"),
        "when": timezone.localtime(application.decided_at).strftime("%d.%m.%Y %H:%M")
        if application.decided_at
        else "",
    }
    if application.state == State.APPROVED:
        return _("Decided already: %(name)s approved it on %(when)s.") % told
    return _("Decided already: %(name)s refused it on %(when)s.") % told


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Admit the applicant to the agreement's customer, bind what was ticked, send the mail."""
    user, at = request_user(request), timezone.now()
    application = reached(request, pk, at)
    choices = evidence.Choices.of(request.POST)
    agreement = evidence.agreement_of(choices.agreement, reader=user, at=at)
    points = list(access.worked_points_of(user, at=at).filter(pk__in=choices.points))
    if len(points) != len(set(choices.points)):
        raise Http404("no such point")
    back = _back(request, application, at)
    form = forms.ApproveForm(request.POST)
    if not form.is_valid():
        error = " ".join(str(text) for told in form.errors.values() for text in told)
        asked = queue.Asked.of(request.POST)
        return shown(request, asked, choices, chosen=application, error=error)
    told = form.cleaned_data
    done = attempt(
        request,
        application,
        lambda: applications.approve(
            application=application,
            agreement=agreement,
            points=points,
            valid_from=form.since(at),
            valid_to=form.until(),
            contacts={name: getattr(application, name) for name in told["contacts"]},
            letter=told["letter"],
            by=user,
            at=at,
        ),
    )
    return redirect(back if done else address_of(application))


@needs(Right.DECIDE_APPLICATIONS)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse with a reason; a page of its own where the reason is missing."""
    user, at = request_user(request), timezone.now()
    application = reached(request, pk, at)
    form = forms.RefuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        back = _back(request, application, at)
        reason = form.said(application.user.language)
        done = attempt(
            request,
            application,
            lambda: applications.refuse(application=application, reason=reason, by=user, at=at),
        )
        return redirect(back if done else address_of(application))
    title = _("Refuse the application of %(name)s") % {"name": _name(application)}
    lead = _("The applicant gets a mail with this text.")
    return _asking(request, application, form, title, lead, _("Refuse and send the mail"))


@needs(Right.DECIDE_APPLICATIONS)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the applicant to correct something; a page of its own where the text is missing."""
    user, at = request_user(request), timezone.now()
    application = reached(request, pk, at)
    form = forms.AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        back = _back(request, application, at)
        text = form.said(application.user.language)
        done = attempt(
            request,
            application,
            lambda: applications.ask(application=application, text=text, by=user, at=at),
        )
        if done:
            messages.success(
                request, _("The question went to %(name)s.") % {"name": application.email}
            )
        return redirect(back if done else address_of(application))
    title = _("Ask %(name)s for a correction") % {"name": _name(application)}
    lead = _("The applicant gets a mail with this text and a link to correct the application.")
    return _asking(request, application, form, title, lead, _("Send the question"))


def _asking(
    request: HttpRequest,
    application: Application,
    form: forms.SaidForm,
    title: str,
    lead: str,
    submit: str,
) -> HttpResponse:
    told = {
        "title": title,
        "lead": lead,
        "form": form,
        "submit": submit,
        "back": address_of(application),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


def _name(application: Application) -> str:
    return application.organisation or application.full_name


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Work on an application oneself."""
    return _moved(request, pk, applications.take)


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave an application to others again, whoever took it."""
    return _moved(request, pk, applications.release)


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    return _moved(request, pk, applications.reopen, _("The decision is taken back."))


def _moved(
    request: HttpRequest, pk: int, deed: Callable[..., Application], words: str = ""
) -> HttpResponse:
    user, at = request_user(request), timezone.now()
    application = reached(request, pk, at)
    if attempt(request, application, lambda: deed(application=application, by=user, at=at)):
        application = reached(request, pk, at)
        if words:
            messages.success(request, words)
    return redirect(address_of(application))


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a message to the talk with the applicant, who gets it by mail."""
    user, at = request_user(request), timezone.now()
    application = reached(request, pk, at)
    form = forms.WriteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The message was not sent: write something first."))
        return redirect(address_of(application))
    text = form.cleaned_data["text"]
    deed = lambda: applications.write(application=application, text=text, by=user, at=at)  # noqa: E731
    if attempt(request, application, deed):
        messages.success(request, _("The message went to %(name)s.") % {"name": application.email})
    return redirect(address_of(application))
