"""One part on one engine, in a process of its own: prints the measures as JSON."""

import importlib
import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")

MODULES = {
    "ingest": "storing", "read": "reading", "import": "importing", "parse": "parsing",
    "rules": "validating", "estimation": "estimating", "cabinet": "sections",
}  # fmt: skip

if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    module = importlib.import_module(f"faza.bench.{MODULES.get(sys.argv[1], sys.argv[1])}")
    json.dump([one.as_dict() for one in module.measure()], sys.stdout, ensure_ascii=False)
