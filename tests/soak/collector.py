"""`faza collect` in a hurry: short pauses and leases, so that a killed one is soon followed."""

import sys
from datetime import timedelta

from faza.cli import main
from faza.cli.common import start

if __name__ == "__main__":
    start()
    from faza.collection.collector import recorder, run, visit

    run.LEASE, run.BEAT, run.POLL = timedelta(seconds=4), 0.5, 0.1
    recorder.SECONDS, visit.AGAIN = 0.3, 0.1
    sys.exit(main(["collect", *sys.argv[1:]]))
