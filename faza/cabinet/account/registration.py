"""From the form to the activated account. Known and unknown addresses are answered alike."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from faza.accounts import card, services, texts
from faza.accounts.models import LegalText
from faza.audit.middleware import network_address
from faza.cabinet.account import forms, joining

TYPED = "account_typed_email"
ACTIVATED = "account_activated"


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """The form of a new account."""
    if request.user.is_authenticated:
        return redirect("cabinet:home")
    if not texts.is_registration_open():
        return render(request, "account/signup_closed.html", {"card": card.current()})
    here = texts.current()
    if request.method != "POST":
        return _signup_page(request, forms.Registration(texts=here))
    if not ratelimit.consume(request, action="signup"):
        return ratelimit.respond_429(request)
    form = forms.Registration(request.POST, texts=here)
    if not form.is_valid():
        return _signup_page(request, form)
    joining.register(
        email=form.cleaned_data["email"],
        password=form.cleaned_data["password1"],
        fields=form.asked,
        texts=here.values(),
        language=get_language() or "ru",
        address=network_address(request),
        at=timezone.now(),
    )
    request.session[TYPED] = form.cleaned_data["email"]
    return redirect("account_signup_sent")


def _signup_page(request: HttpRequest, form: forms.Registration) -> HttpResponse:
    legal = [
        (form[kind.value], text, texts.excerpt(text.body))
        for kind, text in sorted(form.texts.items(), key=lambda pair: pair[0] != "licence")
    ]
    told = {"form": form, "legal": legal, "card": card.current()}
    return render(request, "account/signup.html", told)


@never_cache
@require_safe
def signup_sent(request: HttpRequest) -> HttpResponse:
    """What was sent to which address; it reads alike whether or not there was an account."""
    return render(request, "account/signup_sent.html", {"email": request.session.get(TYPED, "")})


@require_safe
def legal_text(request: HttpRequest, kind: LegalText.Kind) -> HttpResponse:
    """The whole of a text in force."""
    text = texts.current().get(kind)
    body = texts.render(text.body) if text else ""
    status = 200 if text else 404
    told = {"text": text, "body": body, "card": card.current()}
    return render(request, "account/legal_text.html", told, status=status)


@never_cache
@require_safe
def confirm_page(request: HttpRequest, key: str) -> HttpResponse:
    """Where the link of a mail leads: the code filled in, and a button. Nothing is done yet."""
    problem = _problem_of(key)
    return _code_page(request, forms.Code(initial={"code": key}), problem)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Type the code of a mail, or press the button of its link's page."""
    if request.method != "POST":
        return _code_page(request, forms.Code(), "")
    if not ratelimit.consume(request, action="signup"):
        return ratelimit.respond_429(request)
    form = forms.Code(request.POST)
    if not form.is_valid():
        return _code_page(request, form, "")
    try:
        confirmed = joining.confirm(
            key=form.cleaned_data["code"].strip(),
            session=request.session.session_key or "",
            at=timezone.now(),
        )
    except (services.LinkExpired, services.LinkSpent, services.WrongLink) as refused:
        return _code_page(request, form, type(refused).__name__)
    request.session[ACTIVATED] = "change" if confirmed.is_change else "account"
    return redirect("account_activated")


def _problem_of(key: str) -> str:
    try:
        services.look_at_link(key=key)
    except (services.LinkExpired, services.LinkSpent, services.WrongLink) as refused:
        return type(refused).__name__
    return ""


def _code_page(request: HttpRequest, form: forms.Code, problem: str) -> HttpResponse:
    return render(request, "account/confirm.html", {"form": form, "problem": problem})


@never_cache
@require_safe
def activated(request: HttpRequest) -> HttpResponse:
    """The address is proven: how it goes on."""
    what = request.session.get(ACTIVATED)
    if what is None:
        return redirect("account_login")
    return render(request, "account/activated.html", {"is_change": what == "change"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: HttpRequest) -> HttpResponse:
    """Have the link of the activation sent once more."""
    form = forms.Address(request.POST or None, initial={"email": request.session.get(TYPED, "")})
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if not ratelimit.consume(request, action="confirm_email", key=email):
            return ratelimit.respond_429(request)
        services.send_again(email=email, at=timezone.now())
        request.session[TYPED] = email
        return redirect("account_signup_sent")
    return render(request, "account/send_again.html", {"form": form})


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo of the organisation card."""
    found = card.logo()
    if found is None:
        return HttpResponse(status=404)
    data, kind = found
    return HttpResponse(data, content_type=kind, headers={"Cache-Control": "max-age=300"})
