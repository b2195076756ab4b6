#!/usr/bin/env bash
# Fuzzes every fuzz test of the module for a while, one after another: tools/fuzz.sh 30s
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:-30s}
found=0
while read -r package; do
	for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		found=$((found + 1))
		echo "fuzzing $name of $package for $duration"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$duration" "$package"
	done
done < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u)
echo "$found fuzz tests, nothing found"
