"""The card: kept, previewed, its logo judged by bytes; no word of it becomes a script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from faza.accounts import card, rules
from faza.accounts.models import OrganisationCard
from tests.desk.office.factories import signed_in

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
CARD = {"name": "АО «Сети»", "phones": "8 800 000-00-00", "site": "https://example.ru"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def keep(client, **fields):
    return client.post(reverse("desk:organisation"), CARD | fields)


def picture(data: bytes, name: str = "logo.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=kind)


class TestCard:
    def test_it_is_kept_and_told_everywhere(self, office):
        assert keep(office).status_code == 302
        assert card.current().name == "АО «Сети»"
        assert "АО «Сети»" in office.get(reverse("desk:organisation")).content.decode()

    def test_a_wrong_field_is_told_and_the_rest_stays(self, office):
        answer = keep(office, email="nobody", hours="с 9 до 18")
        assert answer.status_code == 422
        assert "с 9 до 18" in answer.content.decode()
        assert not OrganisationCard.objects.exists()

    @pytest.mark.parametrize("site", ["javascript:alert(1)", "data:text/html,x"])
    def test_a_site_is_an_address_of_the_web(self, site, office):
        assert keep(office, site=site).status_code == 422
        assert not OrganisationCard.objects.exists()

    def test_an_auditor_reads_and_cannot_change(self, office, auditor):
        keep(office)
        reader = signed_in(auditor)
        page = reader.get(reverse("desk:organisation")).content.decode()
        assert "АО «Сети»" in page
        assert 'type="file"' not in page
        assert keep(reader, name="Иное").status_code == 403
        assert OrganisationCard.objects.get().name == "АО «Сети»"

    def test_the_preview_keeps_nothing_and_runs_nothing(self, office):
        told = CARD | {"name": "<script>alert(1)</script>", "hours": "<img src=x onerror=a()>"}
        page = office.post(reverse("desk:organisation-preview"), told).content.decode()
        assert "&lt;script&gt;" in page
        assert "<img src=x" not in page
        assert not OrganisationCard.objects.exists()

    def test_a_kept_name_runs_nothing(self, office):
        keep(office, name='"><script>alert(1)</script>')
        page = office.get(reverse("desk:organisation")).content.decode()
        assert "<script>alert" not in page


class TestLogo:
    def test_a_picture_is_kept_and_served_with_its_own_type(self, office, client):
        assert keep(office, logo=picture(PNG)).status_code == 302
        answer = client.get(reverse("organisation_logo"))
        assert answer.content == PNG
        assert answer["Content-Type"] == "image/png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("data", "name", "kind"),
        [
            (SVG, "logo.svg", "image/svg+xml"),
            (SVG, "logo.png", "image/png"),
            (b"<html><script>alert(1)</script>", "logo.jpg", "image/jpeg"),
            (b"RIFF0000WAVE", "logo.webp", "image/webp"),
            (b"GIF89a", "logo.gif", "image/gif"),
            (PNG + bytes(rules.MOST_OF_LOGO), "logo.png", "image/png"),
        ],
    )
    def test_other_bytes_are_refused_whatever_they_are_called(self, data, name, kind, office):
        answer = keep(office, logo=picture(data, name, kind))
        assert answer.status_code == 422
        assert "logo" in answer.context["form"].errors
        assert not OrganisationCard.objects.exists()

    def test_it_stays_until_it_is_taken_away(self, office):
        keep(office, logo=picture(PNG))
        keep(office, name="Иное имя")
        assert card.logo() is not None
        keep(office, drop_logo="on")
        assert card.logo() is None

    def test_its_type_is_not_taken_from_the_request(self, office):
        keep(office, logo=picture(PNG, "x.html", "text/html"), logo_type="text/html")
        assert OrganisationCard.objects.get().logo_type == "image/png"
