"""`python -m faza.bench.truth PAGE`: all tables of the truth test, in a database of its own."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

if __name__ == "__main__":
    with TemporaryDirectory(prefix="faza-truth-") as home:
        os.environ |= {
            "FAZA_HOME": home,
            "DATABASE_URL": "sqlite:///",
            "DJANGO_SETTINGS_MODULE": "faza.settings",
        }
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        from faza.bench.truth import page

        page.write(Path(sys.argv[1]), page.tables())
        connections.close_all()
