#!/bin/sh
# Compile requirements/*.in to *.txt: exact versions and hashes, no addresses. `--upgrade` renews them.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null 2>&1 || { .venv/bin/python -m pip install --quiet uv && PATH="$PWD/.venv/bin:$PATH"; }
for name in base dev node fuzz load; do
    uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 "$@" \
        "requirements/$name.in" -o "requirements/$name.txt"
done
