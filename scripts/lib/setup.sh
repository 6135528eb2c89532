# What scripts/run, scripts/test and scripts/bench share: installing what is missing, configuring and building.
# To be sourced by bash. Everything that these functions print goes to standard error.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

buildPackages=(clang-19 lld-19 llvm-19-dev binutils cmake ninja-build libfmt-dev libedit-dev libzydis-dev)
testPackages=("${buildPackages[@]}" libclang-rt-19-dev catch2 clang-format-19 clang-tidy-19 lua5.4 python3
              lua-penlight lua-inspect lua-say lua-luassert lua-mediator lua-cliargs luarocks
              gcc g++ liblua5.4-dev lua-lpeg lua-cjson lua-filesystem lua-socket pkg-config
              dpkg-dev file gringo locales)
benchPackages=("${buildPackages[@]}" lua5.4 luajit python3 liblua5.4-dev libluajit-5.1-dev pkg-config)

# Whether a build that was configured before has to look again at what is installed.
configureAgain=false

say() { printf '%s\n' "selvage: $*" >&2; }

hasHeader() {
  local directory
  for directory in /usr/include /usr/local/include /usr/include/*-linux-gnu; do
    [[ -e $directory/$1 ]] && return 0
  done
  return 1
}

# Whether what a package provides is there, however it came: not only Debian has these tools.
isInstalled() {
  case $1 in
    clang-19) command -v clang++-19 ;;
    lld-19) command -v ld.lld-19 ;;
    llvm-19-dev) command -v llvm-config-19 ;;
    binutils) command -v objcopy ;;
    ninja-build) command -v ninja ;;
    libfmt-dev) hasHeader fmt/format.h ;;
    libedit-dev) hasHeader histedit.h ;;
    libzydis-dev) hasHeader Zydis/Zydis.h ;;
    catch2) hasHeader catch2/catch.hpp ;;
    lua-lpeg) [[ -e /usr/lib/x86_64-linux-gnu/lua/5.4/lpeg.so ]] ;;
    lua-cjson) [[ -e /usr/lib/x86_64-linux-gnu/lua/5.4/cjson.so ]] ;;
    lua-filesystem) [[ -e /usr/lib/x86_64-linux-gnu/lua/5.4/lfs.so ]] ;;
    lua-socket) [[ -e /usr/lib/x86_64-linux-gnu/lua/5.4/socket/core.so ]] ;;
    dpkg-dev) command -v dpkg-shlibdeps ;;
    locales) [[ -e /usr/share/i18n/locales/de_DE ]] ;;
    libluajit-5.1-dev) hasHeader luajit-2.1/luajit.h ;;
    liblua5.4-dev) [[ -e /usr/include/lua5.4/lua.h ]] ;;
    lua-penlight) [[ -e /usr/share/lua/5.4/pl/init.lua ]] ;;
    lua-say | lua-luassert) [[ -e /usr/share/lua/5.4/${1#lua-}/init.lua ]] ;;
    lua-mediator | lua-cliargs) [[ -e /usr/share/lua/5.4/${1#lua-}.lua ]] ;;
    lua-inspect) [[ -e /usr/share/lua/5.3/inspect.lua ]] ;;
    libclang-rt-19-dev) [[ -n $(find "$(clang-19 -print-resource-dir)/lib" -name 'libclang_rt.asan*.a' 2>/dev/null) ]] ;;
    *) command -v "$1" ;;
  esac >/dev/null 2>&1
}

# requirePackages PACKAGE...: installs those that are missing, or says which they are and ends the script.
requirePackages() {
  local package missing=()
  for package in "$@"; do
    isInstalled "$package" || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return 0

  local asRoot=()
  if ! command -v apt-get >/dev/null 2>&1; then
    say "please install these packages (their Debian names) and try again; there is no apt-get here to do it:"
    say "  ${missing[*]}"
    exit 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null 2>&1 || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      say "please let an administrator run this, then try again:"
      say "  apt-get install ${missing[*]}"
      exit 1
    fi
    asRoot=(sudo)
  fi

  say "installing ${missing[*]}"
  # The lists of packages are fetched where there are none, and again if they turn out to be too old.
  local hasLists=true
  compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null || hasLists=false
  if ! $hasLists || ! aptInstall "${missing[@]}"; then
    say "fetching the lists of packages"
    "${asRoot[@]}" apt-get update -q >&2 || say "apt-get update had errors"
    if ! aptInstall "${missing[@]}"; then
      say "apt-get could not install: ${missing[*]}"
      say "(Debian 12 has them all)"
      exit 1
    fi
  fi
  configureAgain=true
  for package in "${missing[@]}"; do
    if ! isInstalled "$package"; then
      say "the package $package is installed, but what it should provide was not found"
      exit 1
    fi
  done
}

# Uses the caller's asRoot.
aptInstall() {
  "${asRoot[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

# buildPreset PRESET DIRECTORY [TARGET...]: configures at the first time or if asked to, then builds what has changed.
# Shows each step, and nothing if there is nothing to do.
buildPreset() {
  local preset=$1 directory=$root/$2
  shift 2
  mkdir -p "$directory"
  (
    # Two scripts at once must not build in one directory.
    if command -v flock >/dev/null 2>&1; then
      exec 9>"$directory/.lock"
      flock 9
    fi
    cd "$root" || exit 1
    if $configureAgain || [[ ! -e $directory/build.ninja ]]; then
      say "configuring the $preset build"
      cmake --preset "$preset" >&2 || exit 1
    fi
    set -o pipefail
    ninja -C "$directory" "$@" 2>&1 |
      sed -u -E '/^ninja: (no work to do|Entering directory)/d; /Re-checking globbed directories/d' >&2
  ) || {
    say "the $preset build failed"
    return 1
  }
}
