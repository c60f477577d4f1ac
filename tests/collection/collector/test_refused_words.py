"""What the commands refuse at once, in words that help."""

import pytest

from faza.cli import main
from faza.cli.reading import _event
from faza.protocols.dlms import axdr
from faza.protocols.spodes.words import _string


def test_a_driver_that_is_not_there_is_refused_before_a_meter_is_asked(capsys):
    assert main(["read", "--host", "127.0.0.1", "--port", "9", "--driver", "wrapper"]) == 2
    assert "No driver 'wrapper'; there are dlms-wrapper" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_meter_without_a_connection_is_refused_by_name(capsys):
    assert main(["collect", "--once", "--only", "99"]) == 2
    assert "--only 99: no meter of this number has a connection" in capsys.readouterr().err


def test_events_are_told_in_the_language_of_the_command():
    assert _event(4, 1).isascii()


@pytest.mark.parametrize(
    ("raw", "told"), [(b"SIM-3U", "SIM-3U"), (bytes((1, 0, 1, 8, 0, 255)), "1.0.1.8.0.255")]
)
def test_six_bytes_are_a_text_or_the_name_of_an_object(raw, told):
    assert _string(axdr.octet_string(raw)) == told
