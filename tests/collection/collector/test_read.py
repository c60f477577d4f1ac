"""`faza read` as it is typed: against simulated meters, without a database."""

import socket
import subprocess
import sys

import pytest

from faza.cli import main
from faza.cli import reading as cli
from faza.collection.polling.work import Access
from faza.simulator.serving import Place, Serving, running
from tests.collection.collector.ends import AT, device, meter


@pytest.fixture
def line():
    """Ports of a wrapper meter with a password, one with keys, and one on HDLC."""
    places = [
        Place("wrapper", [meter("100001")]),
        Place("wrapper", [meter("100002", keys=True)]),
        Place("hdlc", [meter("100003", driver="hdlc", address=17)]),
    ]
    with running(Serving(places, now=lambda: AT)) as ports:
        yield ports


@pytest.fixture
def read(capsys, tmp_path):
    """What `faza read …` prints, and its exit code; the time is that of the meters."""
    clock = tmp_path / "now"
    clock.write_text(AT.isoformat())

    def reading(*arguments: object) -> tuple[int, str]:
        code = main(["read", "--clock-file", str(clock), *map(str, arguments)])
        out = capsys.readouterr()
        return code, out.out + out.err

    return reading


def test_a_meter_is_read_with_a_password(line, read):
    code, said = read("--host", "127.0.0.1", "--port", line[0], "--password", "111111")
    assert code == 0
    assert "→ Reading: clock" in said
    assert "Meter 100001" in said
    assert "all 48 are there" in said
    assert "Registers now" in said
    assert "111111" not in said


def test_a_pipe_that_has_enough_ends_it_silently(line, tmp_path):
    clock = tmp_path / "now"
    clock.write_text(AT.isoformat())
    command = [
        sys.executable, "-m", "tests.support.faza", "read", "--clock-file", str(clock),
        "--host", "127.0.0.1", "--port", str(line[0]), "--password", "111111", "--what", "all",
    ]  # fmt: skip
    reading = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert reading.stdout.readline()
    reading.stdout.close()
    assert reading.stderr.read() == ""
    reading.stderr.close()
    assert reading.wait(30) in {0, 1}


def test_a_meter_is_read_with_keys(line, read):
    keys = [bytes(range(16)).hex(), bytes(range(16, 32)).hex()]
    code, said = read(
        "--host", "127.0.0.1", "--port", line[1], "--client", 48, "--encryption-key", keys[0],
        "--authentication-key", keys[1], "--what", "clock", "--trace",
    )  # fmt: skip
    assert code == 0, said
    assert "which is right to the second" in said
    assert "→ 00 01" in said
    assert keys[0] not in said


def test_a_meter_on_a_line_is_read_quietly(line, read):
    code, said = read(
        "--host", "127.0.0.1", "--port", line[2], "--driver", "dlms-hdlc", "--address", "1/17",
        "--password", "0x313131313131", "--what", "profile", "--from", "2026-11-17", "--to",
        "2026-11-18", "--quiet",
    )  # fmt: skip
    assert code == 0, said
    assert "→" not in said
    assert "from 2026-11-17 00:00 to 2026-11-19 00:00" in said
    assert "all 96 are there" in said


@pytest.mark.parametrize(
    ("arguments", "told", "advice"),
    [
        (["--password", "222222"], "refuses the password", "Check password"),
        (["--address", "9", "--timeout", "0.2"], "nobody answers at server port 9", "address"),
        (["--driver", "dlms-hdlc", "--timeout", "0.2"], "", "What to try"),
    ],
)
def test_what_fails_is_told_with_what_to_try(line, read, arguments, told, advice):
    code, said = read("--host", "127.0.0.1", "--port", line[0], "--what", "clock", *arguments)
    assert code == 1
    assert "It did not work" in said
    assert told in said
    assert advice in said


def test_nobody_there_is_told(read):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code, said = read("--host", "127.0.0.1", "--port", port)
    assert code == 1
    assert "connection refused" in said
    assert "What to try: Check host and port" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name a meter"),
        (["1", "--host", "127.0.0.1"], "name a meter"),
        (["--host", "h", "--port", "0"], "--port"),
        (["--host", "h", "--address", "x"], "--address x"),
        (["--host", "h", "--address", "1/2"], "takes one number"),
        (["--host", "h", "--mechanism", "hls5"], "--encryption-key"),
        (["--host", "h", "--encryption-key", "zz"], "hexadecimal"),
        (["--host", "h", "--from", "2026-11-02", "--to", "2026-11-01"], "is before"),
    ],
)
def test_what_was_typed_wrongly_is_told_in_a_line(read, arguments, told):
    code, said = read(*arguments)
    assert code == 2
    assert told in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("said", [b"\x80\x06secret\x00", b"\x01\x01\x02\x03"])
def test_the_bytes_that_are_shown_have_no_stored_password(capsys, said):
    work = device(access=Access(32, "lls", b"secret"), control=Access(48, "lls", b"123"))
    cli._tracer(cli._passwords(work))("→", said)
    shown = capsys.readouterr().err
    assert "** ** **" in shown
    assert b"secret".hex(" ") not in shown
    assert "01 02 03" not in shown
