"""One of eight readers: a process that prints the seconds of its reads."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")

if __name__ == "__main__":
    import django

    django.setup()
    from faza.bench.reading import read_times

    sys.stdout.write("\n".join(f"{seconds:.7f}" for seconds in read_times(300, os.getpid())))
