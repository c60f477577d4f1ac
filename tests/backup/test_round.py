"""`faza backup`, `restore` and `verify` as people run them, on the suite's engine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.readings.test_together import deliver, go, look
from tests.support.installation import blank, installed, run, start

pytestmark = pytest.mark.kill
KEY = "correct horse battery staple, twice over"
PERSON = """
from faza.cli.common import start
start()
from tests.accounts.factories import make_user
make_user(email="kovaleva@example.ru")
"""
OF_THIS_SERVER = """
from faza.cli.common import start
start()
import uuid
from django.db import connection
name = "old_" + uuid.uuid4().hex[:12]
with connection.cursor() as cursor:
    cursor.execute("SET allow_in_place_tablespaces TO true")
    cursor.execute(f"CREATE TABLESPACE {name} LOCATION ''")
    cursor.execute(f"ALTER TABLE readings_version SET TABLESPACE {name}")
    cursor.execute("CREATE EXTENSION hstore")
"""
HAS_OF_A_SERVER = """
from faza.cli.common import start
start()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT relname FROM pg_class WHERE reltablespace <> 0 AND relname ~ '^readings'"
                   " UNION ALL SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'")
    print(sorted(name for (name,) in cursor.fetchall()))
"""
DISTURB = """
import sys
from faza.cli.common import start
start()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(sys.argv[1])
"""
TABLES = """
from faza.cli.common import start
start()
from django.db import connection
print(len(connection.introspection.table_names()))
"""


def faza(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.support.faza", *arguments],
        env=environment, text=True, capture_output=True, check=False,
    )  # fmt: skip


def done(environment: dict[str, str], *arguments: str) -> str:
    ended = faza(environment, *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def refused(environment: dict[str, str], *arguments: str) -> str:
    """The one line with which a command refuses."""
    ended = faza(environment, *arguments)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    return ended.stderr


@pytest.fixture
def filled(installation):
    fill(installation)
    return installation


def fill(installation: dict[str, str]) -> None:
    """600 days, a person and two files."""
    process = deliver(installation, 1, 2)
    go([process])
    process.communicate(timeout=60)
    run(installation, "-c", PERSON)
    photo = Path(installation["FAZA_HOME"], "files", "entries", "ab", "photo.jpg")
    photo.parent.mkdir(parents=True)
    photo.write_bytes(os.urandom(3_000_000))
    (photo.parents[2] / "пустой.txt").touch()


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Iterator[tuple[dict[str, str], Path]]:
    """An installation that no test changes, and a folder with its backups `sealed` and `open`."""
    folder = tmp_path_factory.mktemp("kept")
    with installed() as environment:
        fill(environment)
        done(environment | {"FAZA_BACKUP_KEY": KEY}, "backup", str(folder / "sealed"))
        assert "not sealed" in done(environment, "backup", str(folder / "open"))
        yield environment, folder


def has_tables(environment: dict[str, str]) -> bool:
    return run(environment, "-c", TABLES).strip() != "0"


def test_restore_drill_while_readings_are_recorded(installation, tmp_path):
    """What was acknowledged before the backup began is in it; nothing is there by half."""
    writer = deliver(installation, 1, 10_000)
    go([writer])
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(3)][-1]

    done(installation, "backup", str(tmp_path / "b.tar"))
    later = int(writer.stdout.readline())
    writer.kill()
    writer.communicate(timeout=30)

    with blank() as fresh:
        told = done(fresh, "restore", str(tmp_path / "b.tar"))
        found = look(fresh)
    assert "all is the same" in told
    assert found["days"] == 600
    assert found["whole"]
    assert len(found["parts"]) == 1
    assert found["parts"][0][1] >= acknowledged
    assert later > acknowledged  # it went on meanwhile


def test_rows_files_and_keys_come_back(filled, tmp_path):
    environment = filled | {"FAZA_BACKUP_KEY": KEY}
    told = done(environment, "backup", str(tmp_path))
    (file,) = tmp_path.iterdir()

    assert "sealed; with" in told
    assert file.name.endswith(".tar.sealed")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"kovaleva" not in file.read_bytes()
    with blank() as fresh:
        told = done(fresh | {"FAZA_BACKUP_KEY": KEY}, "restore", str(file))
        assert "2 files" in told
        assert "keys: secret-key, meter-key" in told
        assert "all is the same" in told
        old, new = Path(filled["FAZA_HOME"]), Path(fresh["FAZA_HOME"])
        for name in ("files/entries/ab/photo.jpg", "files/пустой.txt", "secret-key", "meter-key"):
            assert (new / name).read_bytes() == (old / name).read_bytes(), name
            assert (new / name).stat().st_mode & 0o077 == 0
        assert look(fresh) == look(filled)
        assert done(fresh, "migrate") == "nothing to do\n"
        assert "all is the same" in done(fresh, "verify")
        # What is acknowledged from now on is stored there: ids and partitions go on.
        again = deliver(fresh, 1, 3)
        go([again])
        again.communicate(timeout=60)
        assert look(fresh)["parts"] == [[0, 3, 0, 0]]


@pytest.mark.either_engine
def test_an_open_backup_holds_no_keys_and_says_so(kept):
    _, folder = kept
    with tarfile.open(folder / "open") as tar:
        assert not [name for name in tar.getnames() if "key" in name]
    with blank() as fresh:
        assert "no keys were in it" in done(fresh, "restore", str(folder / "open"))
        assert has_tables(fresh)


def test_what_is_other_is_named_by_table_and_day(filled, tmp_path):
    done(filled, "backup", str(tmp_path / "b.tar"))
    assert "all is the same" in done(filled, "verify", str(tmp_path / "b.tar"))

    run(filled, "-c", DISTURB, "UPDATE readings_block SET total = total + 5"
        " WHERE usage_point_id = 7 AND day = '2026-03-02'")  # fmt: skip
    run(filled, "-c", DISTURB, "UPDATE accounts_user SET full_name = 'Other'")
    Path(filled["FAZA_HOME"], "files", "пустой.txt").unlink()
    compared = faza(filled, "verify", str(tmp_path / "b.tar"))
    alone = faza(filled, "verify")

    assert compared.returncode == alone.returncode == 1
    assert "3 differences" in compared.stdout
    assert re.search(r"readings_block, 2026-03-02: 200 rows with a sum of [\d,]+ in the backup,"
                     r" 200 with", compared.stdout)  # fmt: skip
    assert "accounts_user: 1 rows, with other contents" in compared.stdout
    assert "files/пустой.txt: in the backup, not here" in compared.stdout
    assert "usage point 7" in alone.stdout
    assert "2026-03-02: its total and its values differ" in alone.stdout


@pytest.mark.either_engine
@pytest.mark.parametrize("harm", ["cut", "changed", "key", "nothing"])
def test_a_damaged_backup_is_told_and_nothing_is_brought_back(kept, tmp_path, harm):
    file = tmp_path / "b.tar"
    shutil.copy(kept[1] / ("sealed" if harm == "key" else "open"), file)
    data = bytearray(file.read_bytes())
    if harm == "cut":
        del data[len(data) * 2 // 3 :]
    elif harm == "changed":
        data[len(data) // 2] ^= 1
    elif harm == "nothing":
        data = bytearray(b"no tar at all" * 100)
    file.write_bytes(data)
    other = {"FAZA_BACKUP_KEY": KEY[::-1]} if harm == "key" else {}

    with blank() as fresh:
        told = refused(fresh | other, "restore", str(file))
        home = Path(fresh["FAZA_HOME"])
        left = {one.name for one in home.iterdir()} - {"secret-key", "meter-key", "cache"}
        assert left == set()
        assert not has_tables(fresh)
    words = {"cut": "cut", "changed": "not what was written", "key": "the key is another one",
             "nothing": "no backup of Faza"}  # fmt: skip
    assert words[harm] in told


@pytest.mark.either_engine
def test_a_place_that_is_not_empty_is_refused(kept):
    environment, file = kept[0], str(kept[1] / "open")

    assert "has tables already" in refused(environment, "restore", file)
    assert "is there already" in refused(environment, "backup", file)
    with blank() as fresh:
        mine = Path(fresh["FAZA_HOME"], "files", "mine")
        mine.parent.mkdir()
        mine.write_text("mine")
        assert "is not empty" in refused(fresh, "restore", file)
        assert mine.read_text() == "mine"


@pytest.mark.either_engine
def test_parts_that_lead_elsewhere_are_refused(installation, tmp_path):
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        tar.add(__file__, arcname="../outside")
    with blank() as fresh:
        assert "has no place in a backup" in refused(fresh, "restore", str(tmp_path / "b.tar"))
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.either_engine
def test_a_backup_of_a_newer_version_is_refused(installation, tmp_path):
    run(installation, "-c", DISTURB, "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('readings', '9999_later', '2030-01-01 00:00:00')")  # fmt: skip
    done(installation, "backup", str(tmp_path / "b.tar"))
    with blank() as fresh:
        told = refused(fresh, "restore", str(tmp_path / "b.tar"))
    assert "readings.9999_later" in told


def test_a_killed_backup_leaves_nothing_under_its_name_nor_in_the_folder(filled, tmp_path):
    """It is killed when it has begun to copy: the copy is in FAZA_HOME, and goes later."""
    home = Path(filled["FAZA_HOME"])
    process = start(filled, "-m", "tests.support.faza", "backup", str(tmp_path / "b.tar"),
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    until = time.monotonic() + 30
    while not (left := list(home.glob(".backup-*"))) and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert left
    assert not (tmp_path / "b.tar").exists()
    assert not [one for one in tmp_path.rglob("*") if "database" in one.name]
    os.utime(left[0], (0, 0))
    done(filled, "backup", str(tmp_path / "b.tar"))
    assert not list(home.glob(".backup-*"))


@pytest.mark.either_engine
def test_a_key_that_is_there_is_never_replaced(kept):
    sealing = {"FAZA_BACKUP_KEY": KEY}
    with blank() as fresh:
        own = Path(fresh["FAZA_HOME"], "meter-key")
        own.write_text("another installation's")
        told = refused(fresh | sealing, "restore", str(kept[1] / "sealed"))
        assert "another key" in told
        assert own.read_text() == "another installation's"
        assert not has_tables(fresh)


@pytest.mark.either_engine
def test_a_seal_that_is_not_as_expected_is_told(kept):
    environment, folder = kept
    sealing = {"FAZA_BACKUP_KEY": KEY}
    assert "it is sealed: give its key" in refused(environment, "verify", str(folder / "sealed"))
    assert "not sealed, though" in refused(environment | sealing, "verify", str(folder / "open"))


@pytest.mark.either_engine
def test_of_a_folder_the_youngest_are_kept_and_the_last_is_known(filled, tmp_path):
    stranger = tmp_path / "faza.conf"
    stranger.write_text("not a backup")
    for name in ("faza-photos.tar", "faza-0.1.0.tar", "faza-99990101.tar"):
        (tmp_path / name).write_bytes(b"not a backup")
    for year in (2020, 2021, 2022):
        (tmp_path / f"faza-{year}0101T000000Z.tar").write_bytes(b"old")

    told = done(filled, "backup", str(tmp_path), "--keep", "2")

    left = sorted(one.name for one in tmp_path.glob("faza-*T*.tar"))
    assert left[0] == "faza-20220101T000000Z.tar"
    assert len(left) == 2
    assert stranger.exists()
    assert len(list(tmp_path.iterdir())) == 6
    assert told.count("removed") == 2
    last = json.loads(Path(filled["FAZA_HOME"], "last-backup").read_text())
    assert last["file"].endswith(left[1])


@pytest.mark.either_engine
def test_a_short_key_is_refused(installation, tmp_path):
    key = tmp_path / "key"
    key.write_text("short\n")
    assert "32 random characters" in refused(
        installation, "backup", "--key-file", str(key), str(tmp_path / "b.tar")
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="one file is on no server")
def test_what_only_this_server_has_is_not_wanted_where_it_is_restored(installation, tmp_path):
    """A tablespace of old months, an extension as Citus: the other server may have neither."""
    run(installation, "-c", OF_THIS_SERVER)
    assert run(installation, "-c", HAS_OF_A_SERVER) == "['hstore', 'readings_version']\n"

    done(installation, "backup", str(tmp_path / "b.tar"))

    with blank() as fresh:
        assert "all is the same" in done(fresh, "restore", str(tmp_path / "b.tar"))
        assert run(fresh, "-c", HAS_OF_A_SERVER) == "[]\n"
