"""`python -m faza` is the command `faza`, also where its script is not on the path."""

import sys

from faza.cli import main

sys.exit(main())
