#!/usr/bin/env bash
# Prints the section of a version in CHANGELOG.md: tools/notes.sh 0.1.0
# Exits 1 when there is none, so that no release is published without notes.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?usage: tools/notes.sh VERSION}
notes=$(awk -v heading="## [$version]" '
	index($0, "## [") == 1 { printing = index($0, heading) == 1; next }
	printing
' CHANGELOG.md)
if [ -z "${notes//[[:space:]]/}" ]; then
	echo "tools/notes.sh: CHANGELOG.md has no section \"## [$version]\" with text" >&2
	exit 1
fi
printf '%s\n' "$notes"
