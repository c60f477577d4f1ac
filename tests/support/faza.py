"""The command `faza` for a process that a test starts: `python -m tests.support.faza import …`."""

import sys

from faza.cli import main

if __name__ == "__main__":
    sys.argv[0] = "faza"
    sys.exit(main())
