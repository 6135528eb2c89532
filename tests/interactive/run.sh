#!/bin/sh
# Tests of the prompt through a pseudo-terminal, as a person types; see session.py.
#
#     tests/interactive/run.sh path/to/selvage
exec python3 "$(dirname "$0")/session.py" "$1"
