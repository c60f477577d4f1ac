"""The shell of the mobile client: the same for everybody, and it holds nothing personal."""

from tests.doors.table import OPEN, Door

DOORS = [Door(f"mobile:{name}", OPEN) for name in ("home", "manifest", "worker")]
