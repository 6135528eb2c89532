#!/usr/bin/env bash
# run.sh BINARY [NAME...]: compares the `selvage` command with the reference Lua on many programs; see compare.py.
set -euo pipefail
PYTHONDONTWRITEBYTECODE=1 exec python3 "$(dirname "${BASH_SOURCE[0]}")/compare.py" "$@"
