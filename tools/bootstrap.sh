#!/usr/bin/env bash
# Makes sure that what the build calls is there, and installs what Debian has of it.
#
#   tools/bootstrap.sh go          Go itself
#   tools/bootstrap.sh compiler    a C compiler, for the race detector
#   tools/bootstrap.sh csharp      Mono, which runs policy expressions, and time zones
#   tools/bootstrap.sh node        Node and npm, for the real OpenAI clients and Microsoft's KQL parser
#   tools/bootstrap.sh browser     Chromium, in which tests open the pages (112 MB); what drives it needs Node 20
#
# Prints in a line what it does, and nothing when nothing is missing. Without the rights to install it prints the one command
# that does, and exits 1.
set -euo pipefail

packages=() # Debian packages that are missing
absent=()   # what is missing and no package of ours

has() { command -v "$1" >/dev/null 2>&1; }

# package NAME COMMAND-OR-PATH adds a Debian package unless what it brings is there already, from wherever.
package() {
	case "$2" in
	/*) compgen -G "$2" >/dev/null && return ;;
	*) has "$2" && return ;;
	esac
	packages+=("$1")
}

need_go() {
	has go || absent+=("Go 1.26 or newer: https://go.dev/doc/install")
}

need_compiler() {
	package gcc "${CC:-gcc}"
	# gcc alone only recommends the C library's headers, without which cgo cannot compile.
	[ "$(uname -s)" = Linux ] || return 0
	package libc6-dev '/usr/include/stdlib.h'
}

need_csharp() {
	package mono-mcs mcs
	package mono-runtime mono
	if [ "$(uname -s)" = Linux ]; then
		package libnewtonsoft-json5.0-cil '/usr/lib/mono/gac/Newtonsoft.Json/*'
		package libmono-system-xml-linq4.0-cil '/usr/lib/mono/gac/System.Xml.Linq/4.0.0.0*'
		package tzdata /usr/share/zoneinfo/Europe/Berlin
	fi
}

need_node() {
	if ! has node || ! has npm; then
		absent+=("Node 18 or newer with npm: https://nodejs.org")
	elif [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ]; then
		absent+=("Node 18 or newer; this is $(node --version)")
	fi
}

need_browser() {
	need_node
	local name
	for name in chromium chromium-browser google-chrome google-chrome-stable; do
		has "$name" && return
	done
	packages+=(chromium)
	# Debian's Chromium comes without a font, and draws none of the text then.
	[ "$(uname -s)" != Linux ] || package fonts-dejavu-core '/usr/share/fonts/*/*'
}

for what in "$@"; do
	case "$what" in
	go | compiler | csharp | node | browser) "need_$what" ;;
	*)
		echo "tools/bootstrap.sh: no \"$what\"; there are go, compiler, csharp, node, browser" >&2
		exit 2
		;;
	esac
done

if [ ${#absent[@]} -gt 0 ]; then
	printf 'missing: %s\n' "${absent[@]}" >&2
	exit 1
fi
[ ${#packages[@]} -gt 0 ] || exit 0

if ! has apt-get; then
	echo "missing: ${packages[*]} (names of Debian's packages); install what your system calls them" >&2
	exit 1
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
	if has sudo && sudo -n true 2>/dev/null; then
		as_root=(sudo -n env)
	else
		echo "missing: ${packages[*]}; run: sudo apt-get install --no-install-recommends ${packages[*]}" >&2
		exit 1
	fi
fi

install() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends "${packages[@]}" >"$log" 2>&1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "installing ${packages[*]}"
# A fresh machine has no package lists, or old ones.
if ! install; then
	"${as_root[@]}" env apt-get update -qq >"$log" 2>&1 || true
	if ! install; then
		cat "$log" >&2
		echo "could not install ${packages[*]}" >&2
		exit 1
	fi
fi
