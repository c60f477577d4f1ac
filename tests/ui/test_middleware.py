import gzip
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from faza.ui.middleware import PackedPages


@pytest.mark.parametrize("address", ["/desk/points/%00/", "/?point=%00", "/?q=a%00b"])
def test_an_address_with_a_nul_is_refused_before_anybody_is_asked(client, address):
    assert client.get(address).status_code == 400


@pytest.mark.django_db
def test_other_odd_addresses_are_not(client):
    assert client.get("/accounts/login/?next=%2500").status_code == 200


class TestPackedPages:
    """What leaves compressed."""

    @pytest.fixture
    def packed(self) -> Any:
        def answer(body: Any, **made: Any) -> Any:
            request = RequestFactory().get("/", headers={"accept-encoding": "br, gzip"})
            whole = made.pop("response", HttpResponse)(body, **made)
            return PackedPages(lambda _: whole)(request)

        return answer

    def test_a_page_does(self, packed: Any) -> None:
        answer = packed("<p>Показания переданы</p>" * 100)

        assert answer["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer["Vary"]
        assert gzip.decompress(answer.content).decode() == "<p>Показания переданы</p>" * 100
        assert len(answer.content) < 600

    def test_a_file_does_not(self, packed: Any) -> None:
        answer = packed("1;2\n" * 1000, content_type="text/csv")

        assert not answer.has_header("Content-Encoding")

    def test_what_is_written_as_it_goes_does_not(self, packed: Any) -> None:
        answer = packed(["<p>", "</p>"], response=StreamingHttpResponse)

        assert not answer.has_header("Content-Encoding")
        assert b"".join(answer) == b"<p></p>"

    def test_who_cannot_unpack_gets_it_plain(self) -> None:
        whole = HttpResponse("<p>a</p>" * 100)

        answer: Any = PackedPages(lambda _: whole)(RequestFactory().get("/"))

        assert answer.content == b"<p>a</p>" * 100
