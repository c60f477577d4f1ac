"""«Персональные данные»: what Faza knows about a person, and what the person decides about it."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts import card, queries, rules, services, texts
from faza.accounts.models import LegalText, User
from faza.audit.middleware import network_address
from faza.cabinet import doorstep
from faza.cabinet.account import forms, own_data
from faza.contracts import access

ROWS = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name and contacts. A name that was checked against an agreement is changed by the desk."""
    user, at = cast(User, request.user), timezone.now()
    is_checked = _is_checked(user)
    typed = {"full_name": user.full_name, "phone": user.phone}
    form = forms.Profile(request.POST or None, initial=typed)
    if is_checked:
        del form.fields["full_name"]
    if request.method == "POST" and form.is_valid():
        services.change_profile(
            user=user,
            full_name=form.cleaned_data.get("full_name"),
            phone=form.cleaned_data["phone"],
            at=at,
        )
        messages.success(request, _("Your contacts are saved."))
        return redirect("cabinet:profile")
    told = {"form": form, "is_checked": is_checked, "card": card.current()}
    return render(request, "cabinet/account/profile.html", told)


def _is_checked(user: User) -> bool:
    customers = access.own_customers_of(user, at=timezone.now())
    return user.role in doorstep.ROLES_WITH_CUSTOMERS and customers.exists()


@never_cache
@require_safe
@login_required
def sign_ins(request: HttpRequest) -> HttpResponse:
    """When and from where somebody signed in or tried to."""
    rows = Paginator(queries.sign_ins_of(cast(User, request.user)), ROWS)
    page = rows.get_page(request.GET.get("page"))
    return render(request, "cabinet/account/sign_ins.html", {"page": page})


@never_cache
@require_safe
@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """What the person accepted: which edition, when; and how it is taken back."""
    user = cast(User, request.user)
    told = {
        "given": texts.accepted_by(user),
        "history": queries.acceptances_of(user),
        "withdrawals": queries.withdrawals_of(user),
        "days": rules.WITHDRAWAL_DUE.days,
        "card": card.current(),
    }
    return render(request, "cabinet/account/consents.html", told)


@require_POST
@login_required
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the consent back; other devices are signed out, this one is asked again."""
    user = cast(User, request.user)
    services.withdraw_consent(user=user, but=request.session.session_key or "", at=timezone.now())
    request.session.pop(doorstep.SEEN, None)
    messages.success(request, _("Your consent is taken back. We have told the operator."))
    return redirect("cabinet:consents")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def accept_texts(request: HttpRequest) -> HttpResponse:
    """Texts that wait for a tick: a newer edition, or a consent that was taken back."""
    user = cast(User, request.user)
    due = texts.due_from(user)
    target = _inside(request.POST.get("next") or request.GET.get("next") or "")
    if not due:
        return redirect(target)
    ticked = set(request.POST.getlist("text"))
    missing = [text for text in due if str(text.pk) not in ticked]
    if request.method == "POST" and not missing:
        services.accept(user=user, texts=due, address=network_address(request), at=timezone.now())
        return redirect(target)
    told = {
        "due": [(text, texts.excerpt(text.body), str(text.pk) in ticked) for text in due],
        "before": {one.kind: one.acceptance for one in texts.accepted_by(user)},
        "missing": missing if request.method == "POST" else [],
        "next": target,
        "card": card.current(),
        "withdrawals": queries.withdrawals_of(user).filter(handled_at=None),
        "CONSENT": LegalText.Kind.CONSENT,
    }
    return render(request, "account/accept_texts.html", told)


def _inside(address: str) -> str:
    """An address of this installation, else the overview."""
    inside = address.startswith("/") and url_has_allowed_host_and_scheme(address, None)
    return address if inside else "/"


@never_cache
@require_safe
@login_required
def data(request: HttpRequest) -> HttpResponse:
    """What the file of own data holds, and how an account is closed."""
    return render(request, "cabinet/account/data.html", {"card": card.current()})


@never_cache
@require_safe
@login_required
@reauthentication_required
def data_file(request: HttpRequest) -> StreamingHttpResponse:
    """All that Faza holds about the person, as a ZIP; that it was taken is in the trail."""
    user, at = cast(User, request.user), timezone.now()
    services.note_own_data(user=user, at=at)
    answer = StreamingHttpResponse(own_data.archive(user, at=at), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="faza-{at:%Y-%m-%d}.zip"'
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def close(request: HttpRequest) -> HttpResponse:
    """Close the own account: what comes of it is told first."""
    user = cast(User, request.user)
    form = forms.Close(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            services.close_account(user=user, at=timezone.now())
        except services.LastAdministrator:
            form.add_error(None, _("You are the only administrator: name another one first."))
        else:
            logout(request)
            return redirect("account_closed")
    told = {"form": form, "days": queries.days_kept("accounts.closed")}
    return render(request, "cabinet/account/close.html", told)


@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    """The account is closed."""
    told = {"days": queries.days_kept("accounts.closed"), "card": card.current()}
    return render(request, "account/closed.html", told)


@require_POST
@login_required
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose the customer whose points the cabinet shows; none shows all."""
    asked = request.POST.get("customer", "")
    mine = access.own_customers_of(cast(User, request.user), at=timezone.now())
    chosen = {str(pk): pk for pk in mine.values_list("pk", flat=True)}.get(asked)
    if chosen is not None:
        request.session[doorstep.ACTING_FOR] = chosen
    else:
        request.session.pop(doorstep.ACTING_FOR, None)
    return redirect("/")
