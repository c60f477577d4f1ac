import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from faza.audit import context
from faza.audit.middleware import Actor, network_address


def asked(**meta: str):
    return RequestFactory().get("/", **meta)


@pytest.mark.parametrize(
    ("proxies", "meta", "address"),
    [
        (0, {"REMOTE_ADDR": "198.51.100.7"}, "198.51.100.7"),
        # Nobody in front is trusted: what a client writes into the header counts for nothing.
        (0, {"REMOTE_ADDR": "198.51.100.7", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, "198.51.100.7"),
        (1, {"HTTP_X_FORWARDED_FOR": "192.0.2.66, 192.0.2.1"}, "192.0.2.1"),
        (2, {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.1, 10.0.0.2"}, "192.0.2.1"),
        (2, {"REMOTE_ADDR": "10.0.0.3", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, "10.0.0.3"),
        (1, {"HTTP_X_FORWARDED_FOR": "<script>"}, None),
        (0, {"REMOTE_ADDR": ""}, None),
        (0, {"REMOTE_ADDR": "2001:DB8::1"}, "2001:db8::1"),
    ],
)
def test_only_trusted_proxies_are_believed(settings, proxies, meta, address):
    settings.PROXIES = proxies
    assert network_address(asked(**meta)) == address


def test_the_address_is_known_while_the_request_is_answered_and_not_after():
    seen = []

    def answer(request):
        seen.append(context.address())
        return HttpResponse()

    Actor(answer)(asked(REMOTE_ADDR="198.51.100.7"))

    assert (seen, context.address()) == (["198.51.100.7"], None)


def test_it_is_forgotten_after_a_failure_too():
    def fail(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Actor(fail)(asked())
    assert context.address() is None
