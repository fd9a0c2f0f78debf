#!/bin/sh
# Which Python builds the environment? Prints one that is 3.11 or newer and can make virtual environments, or one line
# that says what to install. PYTHON=… chooses one by hand.
set -u

new_enough='import sys; sys.exit(not ((3, 11) <= sys.version_info[:2]))'

for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    # A version manager leaves names on PATH that do not run: so it is run, not only looked up.
    "$candidate" -c "$new_enough" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
    without_venv="${without_venv:-$candidate}"
done

if [ -n "${without_venv:-}" ]; then
    echo "kairo: $without_venv cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2
elif [ "$(uname -s)" = Darwin ]; then
    echo "kairo: Python 3.11 or newer is needed. On macOS: brew install python@3.13" >&2
else
    echo "kairo: Python 3.11 or newer is needed. On Debian 12 and Ubuntu 24.04 or newer: apt install python3 python3-venv" >&2
fi
exit 1
