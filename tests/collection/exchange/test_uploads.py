"""Files that people give at the desk: a job reads them, within what the person works with."""

import io
import zipfile

import pytest

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.collection.exchange import arrivals, codes
from faza.collection.exchange.agreements import codes_of, map_table
from faza.collection.models import Arrival, ImportFile
from faza.jobs import worker
from faza.jobs.models import Job
from faza.metering.models import NetworkNode, UsagePoint
from tests.cabinet.factories import give_area, make_user
from tests.collection.exchange.factories import AT, make_profile, xml
from tests.collection.factories import CODE, days_of, make_point

pytestmark = pytest.mark.django_db
State = Arrival.State


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def point():
    return make_point()


def person(role: str, *nodes: NetworkNode) -> User:
    user = make_user(f"{role}{User.objects.count()}@example.org", role)
    for node in nodes:
        give_area(user, node)
    return user


def test_an_upload_is_read_by_a_job_and_its_run_is_linked(point):
    by = person("administrator")

    made = arrivals.upload("январь.xml", xml(), by=by, at=AT)
    assert worker.run_waiting() == 1

    made.refresh_from_db()
    assert made.state == State.DONE
    assert made.run.by == f"upload:{by.pk}"
    assert made.run.values == 48
    job = Job.objects.get(pk=made.job)
    assert (job.by, job.state, job.result["values"]) == (by.pk, "done", 48)
    assert days_of(point)["2026-01-14"] == [500] * 48
    assert Entry.objects.get(action="collection.file.uploaded").person.user == by.pk


def test_an_archive_with_a_bad_file_keeps_the_good_rest(point):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("хорошо.xml", xml())
        archive.writestr("плохо.xml", b"<message")

    made = arrivals.upload("оба.zip", data.getvalue(), by=person("administrator"), at=AT)
    worker.run_waiting()

    made.refresh_from_db()
    assert made.state == State.DONE
    assert made.run.state == "refused"
    assert sorted(ImportFile.objects.values_list("state", flat=True)) == ["complete", "refused"]


def test_a_file_of_which_nothing_can_be_stored_has_failed_with_the_reason():
    made = arrivals.upload("x.xml", b"<message", by=person("administrator"), at=AT)
    worker.run_waiting()

    made.refresh_from_db()
    assert made.state == State.FAILED
    assert made.reason


def test_an_operator_of_a_part_writes_to_the_own_points_only(point):
    elsewhere = NetworkNode.objects.create(code="M", name="Там", kind="organisation", path="9/")
    other = UsagePoint.objects.create(code="ТАМ-1", name="Там", node=elsewhere)
    by = person("operator", point.node)
    both = "usage_point,channel,start,end,value,unit,quality\n"
    for code in (CODE, other.code):
        both += f"{code},A+,2026-01-14T00:00+03:00,2026-01-14T00:30+03:00,1,kWh,0\n"

    made = arrivals.upload("t.csv", both.encode(), by=by, at=AT, create_points=True)
    arrivals.read(made, at=AT)

    made.refresh_from_db()
    assert days_of(point), made.run.imported.get().problems
    assert not days_of(other)
    assert "ТАМ-1 is unknown" in str(made.run.imported.get().problems)
    assert UsagePoint.objects.count() == 2


def test_an_operator_of_a_part_gives_no_file_that_names_meters(point):
    NetworkNode.objects.create(code="M", name="Там", kind="organisation", path="9/")
    by = person("operator", point.node)
    data = b"meter;date;A+ T0\n001;2026-01-14;5\n"

    made = arrivals.upload("t.csv", data, by=by, at=AT)
    arrivals.read(made, at=AT)

    made.refresh_from_db()
    assert made.state == State.FAILED
    assert "administrator" in made.reason


def test_an_operator_of_the_whole_network_may_do_as_the_administrator(point):
    whole = person("operator", point.node)
    assert arrivals.sees_whole(whole, at=AT)
    assert arrivals.sees_whole(person("auditor"), at=AT)
    NetworkNode.objects.create(code="M", name="Там", kind="organisation", path="9/")
    assert not arrivals.sees_whole(whole, at=AT)
    assert not arrivals.sees_whole(person("operator"), at=AT)
    assert not arrivals.sees_whole(person("subscriber"), at=AT)


def test_a_file_that_kills_its_reader_is_put_aside(point, monkeypatch):
    made = arrivals.upload("x.xml", xml(), by=person("administrator"), at=AT)

    def killed(*told, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "import_files", killed)
        for _ in range(arrivals.TRIES):
            made.refresh_from_db()
            with pytest.raises(KeyboardInterrupt):
                arrivals.read(made, at=AT)

    made.refresh_from_db()
    assert arrivals.read(made, at=AT) is None
    made.refresh_from_db()
    assert made.state == State.FAILED
    assert "never came to an end" in made.reason


def test_a_reading_that_was_cut_short_is_done_again_and_counts_once(point):
    made = arrivals.upload("x.xml", xml(), by=person("administrator"), at=AT)
    arrivals.read(made, at=AT)
    Arrival.objects.update(state=State.WAITING)  # killed before it was written down
    made.refresh_from_db()

    again = arrivals.read(made, at=AT)

    assert (again.changed, again.unchanged) == (0, 48)


def test_codes_come_and_go_as_a_table(point):
    profile = make_profile(sends_from=None)
    spare = UsagePoint.objects.create(code="ТП-1", name="=Ввод", node=point.node)
    table = "код;точка\n132;ТП-1\n133;нет такой\n134\n132;ТП-1\n"

    read = codes.read(table.encode("cp1251"))
    assert [line for line, _ in read.problems] == [4, 5]
    assert map_table(profile, read, at=AT) == [("133", "нет такой")]

    assert dict(codes_of(profile))["132"] == (spare.code, "=Ввод")
    assert len(codes_of(profile)) == 2
    out = codes.write((code, *told) for code, told in codes_of(profile).items())
    assert "'=Ввод" in out.decode()
    assert codes.read(out).codes == {code: told[0] for code, told in codes_of(profile).items()}
    assert map_table(profile, read, at=AT, replace=True)
    assert list(codes_of(profile)) == ["132"]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b";;;\n", b"\x00" * 9, "«\n»".encode()])
def test_odd_tables_of_codes_are_no_failure(data):
    assert codes.read(data).codes == {}
