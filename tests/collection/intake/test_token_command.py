"""faza token: made, listed, revoked."""

from datetime import UTC, datetime

import pytest

from faza.cli import main
from faza.collection.intake.tokens import token_of
from faza.collection.models import AccessToken
from tests.collection.intake.factories import make_node

pytestmark = pytest.mark.django_db


def create(*more: str) -> int:
    return main(["token", "create", "--name", "Дом 7", "--sender", "house-7", *more])


def test_a_token_is_shown_once_and_works_until_it_is_revoked(capsys):
    node = make_node("RES-1", "РЭС")
    assert create("--area", "RES-1", "--days", "10") == 0
    text = capsys.readouterr().out.split()[0]
    token = token_of(text, at=datetime.now(UTC))
    assert token is not None
    assert (token.node, token.sender) == (node, "house-7")

    assert main(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert text not in listed
    assert "house-7\tRES-1\tworks" in listed

    assert main(["token", "revoke", str(token.pk)]) == 0
    assert main(["token", "revoke", str(token.pk)]) == 1
    assert token_of(text, at=datetime.now(UTC)) is None
    main(["token", "list"])
    assert "\tended\t" in capsys.readouterr().out


@pytest.mark.parametrize(
    "more",
    [("--area", "nowhere"), ("--everywhere", "--days", "0"), ("--everywhere", "--sender", "A b")],
)
def test_what_cannot_be_is_refused_in_a_line(more, capsys):
    assert create(*more) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not AccessToken.objects.exists()


def test_there_is_no_such_token(capsys):
    assert main(["token", "revoke", "999"]) == 2
