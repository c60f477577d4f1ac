"""`faza collect` in a hurry: short pauses and leases, so that a killed one is soon followed.

python -m tests.soak.collector LEASE …    seconds of a lease, and the arguments of `collect`
"""

import sys
from datetime import timedelta

from faza.cli import main
from faza.cli.common import start

if __name__ == "__main__":
    start()
    from faza.collection.collector import recorder, run, visit

    lease = float(sys.argv[1])
    run.LEASE, run.BEAT, run.POLL = timedelta(seconds=lease), lease / 8, 0.1
    recorder.SECONDS, visit.AGAIN = 0.3, 0.1
    sys.exit(main(["collect", *sys.argv[2:]]))
