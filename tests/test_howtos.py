"""The how-to pages do what they say: their scripts are run as they stand."""

import re
from datetime import UTC, date, datetime

import pytest

from faza.accounts.models import User
from faza.accounts.services import EmailTaken
from faza.collection.models import ExchangeProfile
from faza.contracts.access import windows_of
from faza.contracts.models import Customer
from faza.core.periods import start_of_day
from faza.metering.models import MeteringComplex, UsagePoint
from tests.metering.factories import make_point
from tests.test_docs import text

pytestmark = pytest.mark.django_db
PAGE = "docs/how-to/give-a-subscriber-access.md"
SIGNED = date(2026, 1, 1)


@pytest.fixture
def script(monkeypatch):
    """The script of the page, as Python; the points that it names are there."""
    found = re.search(r"(?ms)^```python\n(.*?)^```", text(PAGE))
    assert found
    for code in re.findall(r'"(\d{15})":', found[1]):
        make_point(code=code)
    monkeypatch.setenv("NEW_PASSWORD", "Obvodny-kanal-7")
    return compile(found[1], PAGE, "exec")


def run(script) -> None:
    exec(script, {})


class TestAccessOfASubscriber:
    def test_the_subscriber_sees_the_points_since_the_agreement(self, script):
        run(script)
        user = User.objects.get()
        windows = windows_of(user, at=datetime.now(UTC))
        assert user.check_password("Obvodny-kanal-7")
        assert set(windows.points) == set(UsagePoint.objects.values_list("id", flat=True))
        assert {window.period.start for window in windows} == {
            start_of_day(SIGNED, "Europe/Moscow")
        }

    def test_each_point_has_its_meter_and_the_sender_a_profile(self, script):
        run(script)
        assert MeteringComplex.objects.count() == UsagePoint.objects.count() == 2
        assert {installed.ratio for installed in MeteringComplex.objects.all()} == {2000}
        assert ExchangeProfile.objects.get().sender_inn in text(PAGE)

    def test_a_second_run_changes_nothing(self, script):
        run(script)
        with pytest.raises(EmailTaken):
            run(script)
        assert Customer.objects.count() == 1
