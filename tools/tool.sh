#!/usr/bin/env bash
# Prints the path of a tool that is pinned in a go.mod of its own below tools/, and builds it first when this version of
# it was never built on this machine.
#
#   tools/tool.sh lint         golangci-lint: about three minutes on two cores, once
#   tools/tool.sh workflows    actionlint
set -euo pipefail
cd "$(dirname "$0")"
. ./cache.sh

module=${1:-}
case "$module" in
lint) name=golangci-lint ;;
workflows) name=actionlint ;;
*)
	echo "tools/tool.sh: no \"$module\"; there are lint, workflows" >&2
	exit 2
	;;
esac

# The key changes with every dependency and with Go: a linter must not be older than the Go it reads.
key=$({
	cat "$module/go.mod" "$module/go.sum"
	go env GOVERSION GOOS GOARCH
} | git hash-object --stdin)
binary="$cache/tools/$name-${key:0:12}"

if [ ! -x "$binary" ]; then
	mkdir -p "$cache/tools"
	echo "building $name once; it is cached in $cache/tools" >&2
	partial="$binary.$$.partial"
	trap 'rm -f "$partial"' EXIT
	# A go.work or flags of the user's must not change what is built.
	GOWORK=off GOFLAGS='' go build -C "$module" -trimpath -ldflags '-s -w' -o "$partial" tool >&2
	mv "$partial" "$binary"
fi
echo "$binary"
