# Sourced by the other scripts: where tools are cached. The same folder as Go's os.UserCacheDir, so that a tool built by a
# script and one built by a program lie side by side.
case "$(uname -s)" in
Darwin) user_cache="$HOME/Library/Caches" ;;
*) user_cache="${XDG_CACHE_HOME:-$HOME/.cache}" ;;
esac
cache="$user_cache/enterprise-openai"
