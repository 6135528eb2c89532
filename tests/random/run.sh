#!/usr/bin/env bash
# run.sh BINARY [SEED] [COUNT]: compares the `selvage` command with the reference Lua on random programs; see run.py.
set -euo pipefail
PYTHONDONTWRITEBYTECODE=1 exec python3 "$(dirname "${BASH_SOURCE[0]}")/run.py" "$@"
