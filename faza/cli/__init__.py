"""The command `faza`: turns words of the command line into calls of services, and back to words.

Exit codes: 0 done; 1 problems, and nothing of use came of it; 2 an unusable file, wrong
arguments or settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from faza.cli.common import BAD, Refused, parser_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    options = parser_of().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except Refused as refused:
        print(f"faza {options.command}: {refused}", file=sys.stderr)
        return refused.code
    except KeyboardInterrupt:
        print(f"faza {options.command}: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe had enough; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD
    return code
