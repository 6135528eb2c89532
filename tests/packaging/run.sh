#!/usr/bin/env bash
# Tests of what `cmake --install` and `cpack` give: an outside project is built with an installed copy by find_package
# and by pkg-config, with g++ and with clang++; the shared library exports the API and nothing else, and stands in for
# Debian's.
#
#     tests/packaging/run.sh path/to/selvage
#
# The build folder is the one that the command is in. Prints what failed and, last, "N passed, N failed".
source "$(dirname "$0")/../checks.sh" "$1"
cd "$here" || exit 1
unset LD_LIBRARY_PATH PKG_CONFIG_PATH

# ---- installing; the copy is moved, so that nothing may depend on where it was first ----
succeeds 'install' cmake --install "$build" --prefix "$work/first" || exit 1
mv "$work/first" "$work/installed"
prefix=$work/installed
libraries=$(dirname "$(find "$prefix" -name libselvage.a)")
for file in bin/selvage include/selvage/lua.h include/selvage/lauxlib.h include/selvage/lualib.h \
  include/selvage/luaconf.h include/selvage/lua.hpp; do
  equal "installed: $file" yes "$([[ -e $prefix/$file ]] && echo yes)"
done
equal 'nothing but headers among the headers' '' "$(find "$prefix/include" -type f ! -name '*.h' ! -name '*.hpp')"
equal 'the command runs' 'Lua 5.4 3' "$("$prefix/bin/selvage" -e 'print(_VERSION, 1 + 2)' | tr '\t' ' ')"

# ---- on a machine without a compiler cache ----
# Handlers are compiled by a launcher of their own, which must not need the other one; one file tells, beside what is
# generated.
uncached=$work/uncached
root=$(cd ../.. && pwd)
succeeds 'configuring without a compiler cache' \
  cmake -S "$root" --preset release -B "$uncached" -D SELVAGE_CCACHE=OFF -D SELVAGE_BUILD_TESTS=OFF
rm -r "$uncached/generated" && ln -s "$build/generated" "$uncached/generated"
handlers=CMakeFiles/selvage_stencils.dir/stencils/entry.cpp.o
mkdir -p "$uncached/$(dirname "$handlers")"
succeeds 'compiling handlers without a compiler cache' \
  sh -c "cd '$uncached' && $(ninja -C "$uncached" -t commands "$handlers" | tail -n 1)"
equal 'handlers begin at multiples of 4' '2**2' \
  "$(objdump -h "$uncached/$handlers" | awk '$2 ~ /^[.]text[.]/ { print $NF; exit }')"

# ---- the shared library ----
shared=$libraries/libselvage.so
equal "the version is a symbol, as in Debian's library" '*ABS* LUA_5.4' \
  "$(objdump -T "$shared" | awk '$NF == "LUA_5.4" { print $4, $(NF - 1) }')"
equal 'soname' libselvage.so.0 "$(readelf -d "$shared" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')"
exported() { nm -D --defined-only "$1" | awk '{print $3}' | sed 's/@.*//' | grep -v '^LUA_5.4$' | grep -v '^SELVAGE_' | sort; }
declared=$(cat "$prefix"/include/selvage/*.h "$prefix"/include/selvage/selvage/*.h 2>/dev/null |
  grep -oE '^(LUA_API|LUALIB_API|LUAMOD_API|SELVAGE_API) .*' | grep -oE '(lua|luaL|luaopen|selvage)_[A-Za-z0-9_]+ ?[[(]' |
  sed 's/[^A-Za-z0-9_]//g' | sort -u)
equal 'exactly what the headers declare is exported' "$declared" "$(exported "$shared")"
equal "nothing of Debian's library is missing" '' \
  "$(comm -23 <(exported /usr/lib/x86_64-linux-gnu/liblua5.4.so.0) <(exported "$shared"))"
needed() { readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort | tr '\n' ' '; }
for file in "$shared" "$prefix/bin/selvage"; do
  equal "what $(basename "$file") needs" '' \
    "$(needed "$file" | sed -E 's/(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux-x86-64\.so\.2) //g')"
done
equal 'no text relocations, no executable stack' '' \
  "$(readelf -dlW "$shared" | grep -E 'TEXTREL|GNU_STACK.*E')"

# ---- a project built with it ----
fib='local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end return fib(20), add(0.5, 1)'
bad='error("broken", 0)'
found=', (pcall(require, "selvage"))'
counting='package.cpath = MODULES .. "/?.so" local c = require("counter").new(5) for i = 1, 100 do c:increase() end
  return c:increase(2)'$found
expected=$'6765 1.5\nerror: broken\n107 true'
exceptions='thrown: x; failed: y; 2 destroyed'

# checkHosts NAME FOLDER: runs the programs that are there, which were built with the copy.
checkHosts() {
  local modules="MODULES = '$2'" host
  equal "$1: c_host" $'\n'"$expected" "$("$2/c_host" "$modules" "$fib" "$bad" "$counting")"
  for host in cpp_host static_host; do
    [[ -e $2/$host ]] || continue
    equal "$1: $host" "$exceptions"$'\n'"107" "$("$2/$host" "$modules ${counting/"$found"/}")"
  done
}

for compilers in 'gcc g++' 'clang clang++' 'clang-19 clang++-19'; do
  read -r c cxx <<<"$compilers"
  command -v "$cxx" >/dev/null || continue
  folder=$work/cmake-$cxx
  succeeds "cmake, $cxx: configure" cmake -S project -B "$folder" -DCMAKE_C_COMPILER="$c" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release &&
    succeeds "cmake, $cxx: build" cmake --build "$folder" && checkHosts "cmake, $cxx" "$folder"

  folder=$work/pkgconfig-$cxx
  mkdir "$folder"
  export PKG_CONFIG_PATH=$libraries/pkgconfig
  flags=$(pkg-config --cflags selvage)
  links=$(pkg-config --libs selvage)
  # shellcheck disable=SC2086 # the flags are words
  succeeds "pkg-config, $cxx" "$c" -O1 $flags project/host.c -o "$folder/c_host" $links -Wl,-rpath,"$libraries" &&
    succeeds "pkg-config, $cxx: C++" "$cxx" -std=c++20 -O1 $flags project/host.cpp -o "$folder/cpp_host" $links \
      -Wl,-rpath,"$libraries" &&
    succeeds "pkg-config, $cxx: static" "$cxx" -std=c++20 -O1 $flags project/host.cpp -o "$folder/static_host" -rdynamic \
      "$libraries/libselvage.a" $(pkg-config --static --libs-only-l selvage | sed 's/-lselvage//') &&
    succeeds "pkg-config, $cxx: module" "$c" -O1 -fPIC -shared $flags project/counter.c -o "$folder/counter.so" &&
    checkHosts "pkg-config, $cxx" "$folder"
done

# ---- the example engine, as a project of its own ----
world=(--frames 40 --entities 150 --seed 3 --no-picture)
checksum=$("$build/examples/engine/selvage_engine" "${world[@]}" | grep '^checksum ')
for compilers in 'gcc g++' 'clang-19 clang++-19'; do
  read -r c cxx <<<"$compilers"
  folder=$work/engine-$cxx
  succeeds "engine, $cxx: configure" cmake -S ../../examples/engine -B "$folder" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_FLAGS=-O1 &&
    succeeds "engine, $cxx: build" cmake --build "$folder" &&
    equal "engine, $cxx" "$checksum" "$("$folder/selvage_engine" "${world[@]}" | grep '^checksum ')"
done

# ---- which release it is ----
equal 'version by pkg-config' "$("$selvage" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | tail -n 1)" \
  "$(pkg-config --modversion selvage)"

# ---- in the place of Debian's library ----
mkdir "$work/debian"
succeeds "against Debian's headers" gcc -O1 -I/usr/include/lua5.4 project/host.c -o "$work/debian/c_host" -llua5.4 -lm
succeeds "a module against Debian's headers" gcc -O1 -fPIC -shared -I/usr/include/lua5.4 project/counter.c \
  -o "$work/debian/counter.so"
modules="MODULES = '$work/debian'"
equal "Debian's library" $'\n'"${expected/true/false}" "$("$work/debian/c_host" "$modules" "$fib" "$bad" "$counting")"
equal 'ours in its place' $'\n'"$expected" \
  "$(LD_LIBRARY_PATH=$libraries/selvage/compat "$work/debian/c_host" "$modules" "$fib" "$bad" "$counting" 2>&1)"
equal "Debian's modules, in the program" '<1> 6 table' \
  "$(LD_LIBRARY_PATH=$libraries/selvage/compat "$work/debian/c_host" \
    'return "<" .. #require("cjson").decode("[7]") .. ">", require("lpeg").P("hello"):match("hello"), type(require("lfs"))')"

# clingo is such a program of Debian's: a solver with Lua inside.
solve() { timeout -k 1 120 clingo -V0 0 solver.lp 2>&1; }
equal "clingo with Debian's library" 'Lua 5.4 50 2441525 false 3' "$(solve | grep Lua | tr '\t' ' ')"
for mode in off on always; do
  equal "clingo with ours, $mode" "$(solve | md5sum)" \
    "$(export SELVAGE_JIT=$mode LD_LIBRARY_PATH=$libraries/selvage/compat && solve | md5sum)"
done
equal 'clingo finds ours' "$(realpath "$shared")" \
  "$(realpath "$(LD_LIBRARY_PATH=$libraries/selvage/compat ldd "$(command -v clingo)" | awk '/liblua5.4/ {print $3}')")"

# ---- the Debian package ----
if succeeds 'cpack' cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/package"; then
  package=$(find "$work/package" -maxdepth 1 -name '*.deb')
  equal 'name of the package' selvage "$(dpkg-deb -f "$package" Package)"
  equal 'what the package depends on' 'libc6 libgcc-s1 libstdc++6' \
    "$(dpkg-deb -f "$package" Depends | tr ',' '\n' | awk '{print $1}' | sort | tr '\n' ' ' | sed 's/ $//')"
  succeeds 'unpack' dpkg-deb -x "$package" "$work/unpacked"
  equal 'maintainer of the package' "$(sed -n 's/^SELVAGE_PACKAGE_CONTACT:STRING=//p' "$build/CMakeCache.txt")" \
    "$(dpkg-deb -f "$package" Maintainer)"
  equal 'licence in the package' "$(md5sum <../../LICENSE)" "$(md5sum <"$work/unpacked/usr/share/doc/selvage/copyright")"
  equal 'owners and permissions in the package' '-rw-r--r-- root/root -rwxr-xr-x root/root drwxr-xr-x root/root lrwxrwxrwx root/root ' \
    "$(dpkg-deb -c "$package" | awk '{print $1, $2}' | sort -u | tr '\n' ' ')"
  succeeds 'checksums of the package' bash -c \
    "dpkg-deb --ctrl-tarfile '$package' | tar -xO ./md5sums | (cd '$work/unpacked' && md5sum --check --quiet --strict)"
  equal 'no debugging information in the package' '' \
    "$(find "$work/unpacked" -name '*.a' -o -name '*.so' -o -path '*/bin/*' | xargs readelf -SW 2>/dev/null | grep debug_info)"
  equal 'no path of the build in the package' '' "$(grep -rl -- "$build" "$work/unpacked")"
  equal 'the packaged command runs' 10 "$("$work/unpacked/usr/bin/selvage" -e 'print(("x"):rep(10):len())')"
fi

summarise
