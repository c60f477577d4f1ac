"""What allauth's own pages ask for, where they have to ask it otherwise."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from faza.accounts import services


class ResetPassword(ResetPasswordForm):
    """A new password by mail; an unknown address takes as long as a known one."""

    def save(self, request: HttpRequest, **options: Any) -> str:
        if not self.users:
            services.pretend_reset(
                email=self.cleaned_data["email"],
                language=get_language() or "ru",
                at=timezone.now(),
            )
        return str(super().save(request, **options))
