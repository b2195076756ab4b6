#!/usr/bin/env bash
# Compares the coverage of each package's own tests with its floor in tools/coverage.txt:
#   tools/coverage.sh RESULTS          RESULTS is what go test -cover printed
#   tools/coverage.sh --raise RESULTS  also raises the floors of packages that have risen, and adds new packages
# Exits 1 if a package is below its floor. A floor is a percentage one point below what was measured, because timing decides some
# statements. It is lowered by hand alone, with the reason in the commit.
set -euo pipefail
raise=
if [ "${1:-}" = --raise ]; then
	raise=1
	shift
fi
results=${1:?usage: tools/coverage.sh [--raise] RESULTS}
floors=${FLOORS:-$(dirname "$0")/coverage.txt}
touch "$floors"
risen=$(mktemp)
trap 'rm -f "$risen"' EXIT
awk -v risen="$risen" '
	FILENAME == ARGV[1] { floor[$1] = $2; next }
	$1 == "ok" && match($0, /coverage: [0-9.]+%/) {
		measured = substr($0, RSTART + 10, RLENGTH - 11) + 0
		if ($2 in floor && measured < floor[$2]) {
			printf "%s: %.1f %% of its statements are covered by its tests, the floor is %d %%\n", $2, measured, floor[$2]
			below = 1
		}
		if (!($2 in floor) || int(measured) - 1 > floor[$2]) floor[$2] = int(measured) > 0 ? int(measured) - 1 : 0
	}
	END {
		for (package in floor) print package, floor[package] > risen
		exit below
	}
' "$floors" "$results"
if [ -n "$raise" ]; then
	LC_ALL=C sort "$risen" >"$floors"
fi
