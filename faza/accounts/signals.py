"""What other rooms hear from accounts, which may not call them: arrows go down only."""

from __future__ import annotations

from django.dispatch import Signal

signed_out = Signal()
"""A person is signed out everywhere, or has a new password: `user`, `at`. Sent inside the deed's
own transaction where it has one; who keeps keys of that person's devices ends them now."""
