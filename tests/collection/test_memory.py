"""A large archive is imported a message at a time."""

import json
import zipfile
from datetime import timedelta

import pytest

from faza.protocols import xml80020
from tests.collection.factories import DAY, message
from tests.support.installation import run

pytestmark = pytest.mark.kill

LIMIT = 200 * 2**20
"""Bytes of memory. Source: the foundation's budget for a year of 60 points from XML."""
IMPORT = """
import re, sys
from faza.cli import main
code = main(["import", "--create-points", "--json", sys.argv[1]])
# Not getrusage: its peak is inherited from whoever started the process.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024)
sys.exit(code)
"""


def test_a_year_of_sixty_points_stays_in_bounds(installation, tmp_path):
    codes = tuple(f"1320700432{n:05d}" for n in range(60))
    values = [[(97 * row + n * n) % 5000 for n in range(48)] for row in range(240)]
    one = message(values, codes=codes, channels=("01", "02", "03", "04"), number=1000)
    text = xml80020.write(one).decode("cp1251")
    archive = tmp_path / "year.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for n in range(365):
            day = DAY - timedelta(days=n)
            another = text.replace('number="1000"', f'number="{1000 + n}"', 1)
            another = another.replace(f"<day>{DAY:%Y%m%d}<", f"<day>{day:%Y%m%d}<", 1)
            out.writestr(f"{day}.xml", another.encode("cp1251"))

    told, peak = run(installation, "-c", IMPORT, str(archive)).splitlines()
    done = json.loads(told)
    assert (done["files"], done["points"]) == (365, 60)
    assert done["changed"] == done["values"] == 365 * 240 * 48
    assert int(peak) <= LIMIT
