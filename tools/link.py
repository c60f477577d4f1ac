"""Make `.venv/bin/faza` and let the environment import this tree.

What `pip install --editable` does, without fetching a build system first.
"""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The first lines are shell and Python at once: a shebang can hold neither spaces nor long paths.
SCRIPT = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from faza.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def main() -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    (site / "faza-source.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    script = Path(sys.executable).parent / "faza"
    script.write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)


if __name__ == "__main__":
    main()
