"""One fuzzer of one target, in a process of its own: python -m tests.fuzz.fuzzer TARGET FLAGS.

The flags are those of libFuzzer. Only Faza's own code is watched for new paths.
"""

from __future__ import annotations

import gc
import logging
import sys

import atheris


def main(name: str, flags: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["faza"]):
        from tests.fuzz.targets import TARGETS

    run = TARGETS[name].run
    gc.freeze()
    atheris.Setup([name, *flags], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
