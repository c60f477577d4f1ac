"""A clean environment for one test process; a pytest plugin, as settings are read before conftest.

Every process (each worker of xdist too) has an own FAZA_HOME, so keys, caches and embedded
databases of two of them never meet. What a developer has set for the own installation is not seen.
TESTS_SHARED is the one folder that all processes of a run have in common.
"""

import atexit
import os
import shutil
import tempfile

for _name in [name for name in os.environ if name.startswith("FAZA_")]:
    del os.environ[_name]
os.environ["FAZA_HOME"] = tempfile.mkdtemp(prefix="faza-test-")
if "TESTS_SHARED" not in os.environ:  # else a worker's: the first process has made it
    os.environ["TESTS_SHARED"] = tempfile.mkdtemp(prefix="faza-tests-")
    atexit.register(shutil.rmtree, os.environ["TESTS_SHARED"], ignore_errors=True)
os.environ["TZ"] = "Pacific/Apia"  # far from every zone in the tests: nothing may lean on it
atexit.register(shutil.rmtree, os.environ["FAZA_HOME"], ignore_errors=True)
