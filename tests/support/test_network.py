import socket

import pytest

from tests.support.network import Outside, is_here


@pytest.mark.parametrize(
    "host", [None, "", "localhost", "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0"]
)
def test_this_machine_is_here(host):
    assert is_here(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "faza.example"])
def test_other_machines_are_outside(host):
    assert not is_here(host)


def test_a_test_cannot_connect_to_another_machine():
    with socket.socket() as outgoing, pytest.raises(Outside):
        outgoing.connect(("192.0.2.1", 80))


def test_a_test_cannot_send_to_another_machine():
    with socket.socket(type=socket.SOCK_DGRAM) as outgoing, pytest.raises(Outside):
        outgoing.sendto(b"x", ("192.0.2.1", 53))


def test_a_test_cannot_look_up_a_name():
    with pytest.raises(Outside):
        socket.getaddrinfo("faza.example", 80)
