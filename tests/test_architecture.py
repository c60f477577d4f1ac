"""The rules of the house that import-linter cannot hold; each was seen to fail once."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
FACES = ("cabinet", "desk", "api", "mobile", "watch")

# What a face keeps for a person's own comfort, or of its conversations, is no deed of the business.
OWN_COMFORT = {"faza/desk/services.py", "faza/api/services.py"}

# What a face may not call: it asks a service, which audits and keeps the transaction.
WRITES = {
    *("save", "create", "update", "delete", "get_or_create", "update_or_create"),
    *("bulk_create", "bulk_update", "execute", "executemany", "raw", "cursor"),
}
# Dictionaries are updated too, and DELETE is a method of an address; each is named as it stands.
NO_WRITES = {"context.update", "query.update", "params.update", "hashlib.update", "router.delete"}

# Rooms without a clock, and the modules in them which are an edge: what begins a job.
TIMELESS = (
    "core",
    "protocols",
    "audit",
    "outbox",
    "jobs",
    "metering",
    "tariffs",
    "readings",
    "contracts",
    "charges",
    "collection",
    "cases",
    "manual_entry",
    "reports",
    "notifications",
)
EDGES: set[str] = {
    "faza/collection/collector/desk.py",  # leases go by the machine's clock
    "faza/collection/collector/run.py",
    "faza/core/clock.py",
    "faza/jobs/presence.py",
    "faza/jobs/pulse.py",
    "faza/jobs/worker.py",
    "faza/notifications/worker.py",
}
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("timezone.now", "timezone.localdate", "timezone.localtime"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "functions.Now"),
}
CLOCK_ARGUMENTS = {"auto_now", "auto_now_add"}
MOST_LINES = 450


@cache
def layers() -> dict[str, int]:
    """Height of each room by the import contract; the lowest is 0."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(one for one in tool["contracts"] if one["id"] == "rooms")
    return {
        room.strip(" ()"): height
        for height, line in enumerate(reversed(contract["layers"]))
        for room in re.split(r"[|:]", line)
    }


def sources(*folders: str) -> list[Path]:
    """Python files of these folders, without migrations: those are made by Django."""
    found = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return [file for file in found if "migrations" not in file.parts]


def place(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:80]}"


def find_writes(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls that change the database, by their name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            short = ast.unparse(node.func).split("(")[0]
            short = ".".join(short.split(".")[-2:])
            if node.func.attr in WRITES and short not in NO_WRITES:
                yield node


def find_clocks(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a clock is read or handed on: a call, a default, a field that fills itself."""
    bare = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            owner = (node.module or "").split(".")[-1]
            for name in node.names:
                if f"{owner}.{name.name}" in CLOCKS:
                    bare[name.asname or name.name] = node
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if ".".join(ast.unparse(node).split(".")[-2:]) in CLOCKS:
                yield node
        elif isinstance(node, ast.Name) and node.id in bare:
            yield node
        elif isinstance(node, ast.keyword) and node.arg in CLOCK_ARGUMENTS:
            yield node.value


class TestRooms:
    def test_every_room_has_its_layer(self):
        rooms = {folder.parent.name for folder in (ROOT / "faza").glob("*/__init__.py")}
        assert rooms - {"cli"} == set(layers())

    def test_foreign_keys_point_downwards_too(self):
        """String references escape the import contract, so they are checked here."""
        level, wrong = layers(), []
        for model in apps.get_models():
            here = model._meta.app_label
            for field in (f for f in model._meta.get_fields() if f.concrete and f.is_relation):
                there = field.related_model._meta.app_label
                both_ours = here in level and there in level and here != there
                if both_ours and level[there] >= level[here]:
                    wrong.append(f"{model.__name__}.{field.name} -> {there}")
        assert wrong == []

    def test_the_import_contracts_hold(self):
        """As in `make check`, but also where somebody runs only the tests."""
        done = subprocess.run(
            [Path(sys.executable).parent / "lint-imports", "--no-cache"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


class TestFaces:
    def test_faces_do_not_write(self):
        found = [
            place(file, node)
            for file in sources(*(f"faza/{face}" for face in FACES))
            if str(file.relative_to(ROOT)) not in OWN_COMFORT
            for node in find_writes(ast.parse(file.read_text()))
        ]
        assert found == []

    @pytest.mark.parametrize(
        "code",
        [
            "point.save()",
            "UsagePoint.objects.create(code=1)",
            "UsagePoint.objects.filter(pk=1).update(code=2)",
            "UsagePoint.objects.all().delete()",
            "form.save(commit=False)",
            "connection.cursor().execute('DELETE')",
        ],
    )
    def test_a_write_is_recognised(self, code):
        assert list(find_writes(ast.parse(code)))

    @pytest.mark.parametrize("code", ["context.update(a=1)", "save(1)", "services.close(1)"])
    def test_other_calls_are_not_writes(self, code):
        assert not list(find_writes(ast.parse(code)))


class TestClock:
    def test_nothing_below_the_faces_reads_the_clock(self):
        found = [
            place(file, node)
            for file in sources(*(f"faza/{room}" for room in TIMELESS))
            if "management" not in file.parts and str(file.relative_to(ROOT)) not in EDGES
            for node in find_clocks(ast.parse(file.read_text()))
        ]
        assert found == []

    def test_every_edge_is_there_and_needs_to_be_one(self):
        for edge in EDGES:
            assert list(find_clocks(ast.parse((ROOT / edge).read_text()))), edge

    @pytest.mark.parametrize(
        "code",
        [
            "from django.utils import timezone\ntimezone.now()",
            "import datetime\ndatetime.datetime.now(datetime.UTC)",
            "from django.utils.timezone import now\nx = now()",
            "from datetime import date as day\nday.today()\ndate.today()",
            "from time import time as clock\nclock()",
            "models.DateTimeField(default=timezone.now)",
            "models.DateTimeField(auto_now_add=True)",
            "from django.db.models.functions import Now\nNow()",
        ],
    )
    def test_a_clock_is_recognised(self, code):
        assert list(find_clocks(ast.parse(code)))

    @pytest.mark.parametrize("code", ["time.monotonic()", "now = at", "datetime.fromisoformat(x)"])
    def test_a_stop_watch_or_an_argument_is_no_clock(self, code):
        assert not list(find_clocks(ast.parse(code)))


class TestFiles:
    def test_no_module_is_too_long(self):
        """A module over 400 lines becomes a package of the same name (CONTRIBUTING, Rooms)."""
        long = {
            str(file.relative_to(ROOT)): lines
            for file in sources("faza", "tests", "tools")
            if (lines := len(file.read_text().splitlines())) > MOST_LINES
        }
        assert long == {}

    def test_no_file_names_a_registry_or_a_place_on_somebodys_machine(self):
        """Whoever builds Faza has registries, mirrors and folders of the own."""
        host = r"https?://[^/\s\"']*(registry|pypi|pythonhosted|npmjs|mirror)|--(extra-)?index-url\s*[=\w]"
        home = r"(?<![\w.}$-])/(root|home/\w+|work|Users/\w+)/[\w.]"
        pattern = re.compile(f"{host}|{home}")
        found = [
            f"{file.relative_to(ROOT)}:{number} {line.strip()[:100]}"
            for file in tracked()
            if file != Path(__file__)
            for number, line in enumerate(read(file).splitlines(), 1)
            if pattern.search(line)
        ]
        assert found == []

    def test_no_other_product_or_real_utility_is_named(self):
        """Organisations and people here are invented (rules of the domain, Personal data)."""
        names = ("энерго" + "сфер", "про" + "софт", "сигма" + "энерго", "мск " + "энерго")
        found = [
            f"{file.relative_to(ROOT)}: {name}"
            for file in tracked()
            for name in names
            if name in read(file).lower()
        ]
        assert found == []

    def test_the_front_ends_lock_file_holds_no_addresses(self):
        assert '"resolved"' not in (ROOT / "frontend/package-lock.json").read_text()

    def test_every_message_is_translated(self):
        call = [sys.executable, ROOT / "tools/messages.py", "check"]
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def tracked() -> list[Path]:
    """Files that are or would be in the repository."""
    call = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git repository")
    return [file for name in done.stdout.split("\0") if name and (file := ROOT / name).is_file()]


def read(file: Path) -> str:
    """A file's text; an empty one for pictures and other bytes."""
    try:
        return file.read_text()
    except UnicodeDecodeError:
        return ""
