"""Make a wheel and a source archive of Faza that need no Node.js: `make dist`.

Both hold the built front end and the compiled messages, which are not in the repository; the wheel
is made from the unpacked archive, so the archive alone is enough to make it again. Beside them
stands requirements.txt, the exact versions that this version was tried with.

Nothing is fetched: the environment has the build system, and `make dist` has built the rest.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "faza"
MANIFEST = "faza/ui/static/ui/dist/.vite/manifest.json"
FRONT_END = "faza/cabinet/about/frontend.json"
BESIDE = (
    "pyproject.toml", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "manage.py",
    "requirements", "docs", "deploy",
)  # fmt: skip
"""What the archive has beside the package: tests and sources of the front end stay behind."""
MANIFEST_IN = "graft docs\ngraft deploy\ngraft requirements\ninclude *.md manage.py\n"
LEFT_OUT = ("__pycache__", "*.pyc", "*.map", "*.orig", "*.rej", "*~", ".DS_Store", "images")
LICENCES = ("licen", "copying", "notice", "ofl")
"""How files with the text of a licence begin."""
EPOCH = "1577836800"
"""The moment of all files (2020-01-01), so that the same sources give the same bytes."""
BUILD = """
import sys
from setuptools import build_meta
print(getattr(build_meta, "build_" + sys.argv[1])(sys.argv[2]))
"""


def main() -> None:
    to = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve()
    missing = _missing()
    if missing:
        sys.exit(f"Not built yet: {', '.join(missing)}; `make dist` does that first")
    to.mkdir(parents=True, exist_ok=True)
    for old in (*to.glob("faza-*.whl"), *to.glob("faza-*.tar.gz")):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="faza-dist-") as name:
        staged, unpacked = Path(name) / "staged", Path(name) / "unpacked"
        _stage(staged)
        archive = to / _build("sdist", staged, to)
        with tarfile.open(archive) as file:
            file.extractall(unpacked, filter="data")
        wheel = to / _build("wheel", next(unpacked.iterdir()), to)
    shutil.copyfile(ROOT / "requirements/base.txt", to / "requirements.txt")
    for made in (archive, wheel):
        print(f"{made}  {made.stat().st_size / 1e6:.1f} MB")


def _missing() -> list[str]:
    words = [po.with_suffix(".mo") for po in (ROOT / PACKAGE / "locale").rglob("*.po")]
    return [str(file.relative_to(ROOT)) for file in (ROOT / MANIFEST, *words) if not file.exists()]


def _stage(folder: Path) -> None:
    """A copy of what goes into the archive: what lies about in the tree stays out."""
    folder.mkdir()
    left_out = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(ROOT / PACKAGE, folder / PACKAGE, ignore=left_out)
    for name in BESIDE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    (folder / "MANIFEST.in").write_text(MANIFEST_IN)
    _keep_licences(folder / "licences")


def _keep_licences(folder: Path) -> None:
    """The licences of what the front end is built from: their texts have to go with it.

    A package without a text of its own has that of another one of the same makers.
    """
    folder.mkdir()
    modules = ROOT / "frontend/node_modules"
    for package in json.loads((ROOT / FRONT_END).read_text(encoding="utf-8")):
        name = package["name"]
        texts = _texts(modules / name)
        if not texts and name.startswith("@"):
            others = sorted((modules / name).parent.iterdir())
            texts = next(filter(None, map(_texts, others)), "")
        if not texts:
            sys.exit(f"{name} has no text of its licence")
        told = f"{name} {package['version']}: {package['licence']}"
        file = folder / (name.replace("/", "-").removeprefix("@") + ".txt")
        file.write_text(f"{told}\n\n{texts.rstrip()}\n", encoding="utf-8")


def _texts(package: Path) -> str:
    files = sorted(package.iterdir()) if package.is_dir() else []
    found = [file for file in files if file.name.lower().startswith(LICENCES) and file.is_file()]
    return "\n\n".join(file.read_text(encoding="utf-8") for file in found)


def _build(kind: str, folder: Path, to: Path) -> str:
    """Have the build system make a `wheel` or an `sdist`; the file's name."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD, kind, to], cwd=folder, text=True,
        capture_output=True, env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH},
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout.split()[-1]


if __name__ == "__main__":
    main()
