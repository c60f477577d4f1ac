"""One of several readers: warms up, says so, waits, prints the seconds of its reads."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")

if __name__ == "__main__":
    import django

    django.setup()
    from faza.bench.reading import read_times

    read_times(50)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write("\n".join(f"{seconds:.7f}" for seconds in read_times(1_000, os.getpid())))
