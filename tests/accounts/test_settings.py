"""What the environment says becomes Django's settings."""

import pytest

from faza.settings import HOME, _database

WAITS = {"connect_timeout": "5", "tcp_user_timeout": "30000"}
"""How long a server that has vanished is waited for: seconds, milliseconds."""


def test_sqlite_stands_in_the_home_folder_by_default():
    assert _database("sqlite:///")["NAME"] == str(HOME / "faza.sqlite3")
    assert _database("sqlite:////srv/a%20b.sqlite3")["NAME"] == "/srv/a b.sqlite3"


def test_postgres_by_host_with_encoded_parts():
    found = _database("postgres://us%40er:p%2Fw%3A@db.example.org:6432/faza?sslmode=require")

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"]) == ("us@er", "p/w:")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example.org", 6432, "faza")
    assert found["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off"} | WAITS


def test_postgres_by_socket():
    found = _database("postgres:///faza?host=/run/postgresql")

    assert (found["HOST"], found["PORT"]) == ("/run/postgresql", "")
    assert found["OPTIONS"] == {"options": "-c jit=off"} | WAITS


def test_what_is_sent_to_postgres_at_the_start_can_be_chosen():
    assert _database("postgres:///faza?options=")["OPTIONS"] == {"options": ""} | WAITS


def test_another_engine_is_refused():
    with pytest.raises(ValueError, match="mysql"):
        _database("mysql://root@localhost/faza")
