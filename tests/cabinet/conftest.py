import pytest
from django.test import Client

from faza.accounts.models import User


@pytest.fixture
def enter():
    """Sign a user in: `enter(user)` is a client."""

    def come(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return come
