# The compiler, its flags, and `selvage_options`, the interface target that every part of the project links.
#
# Handlers and stencils rely on clang's preserve_none convention together with musttail, which first work together
# in clang 19.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Selvage needs clang 19 or newer (found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}); "
                      "use a preset: cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Only the C API is for others to link with (see CMakeLists.txt).
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
# Relative relocations in their packed form take a hundredth of the room and are read faster when a program starts.
add_link_options(-fuse-ld=lld -Wl,-z,pack-relative-relocs -Wl,--gc-sections)
add_compile_options(-ffunction-sections -fdata-sections)

include(CheckPIESupported)
check_pie_supported()

find_program(SELVAGE_CCACHE ccache)
mark_as_advanced(SELVAGE_CCACHE)
if(SELVAGE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${SELVAGE_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SELVAGE_CCACHE}")
endif()


# Objects have a base class with members; the compilers that can build Selvage lay them out as offsetof expects.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-invalid-offsetof>)

add_library(selvage_options INTERFACE)
target_compile_options(selvage_options INTERFACE -Wall -Wextra -Werror)
target_include_directories(selvage_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/include"
                                                     "${SELVAGE_GENERATED_DIR}")

# vm/formatting_library.cpp compiles fmt's own part for the versions that it knows: much faster than doing so in every
# file, and nothing has to be installed to run what is built.
find_package(fmt REQUIRED)
target_include_directories(selvage_options SYSTEM INTERFACE
                           $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)
# Numbers are never formatted by locale, and with fmt's support of locales the C++ library's would be linked and
# initialised, which takes longer than a short script.
target_compile_definitions(selvage_options INTERFACE FMT_STATIC_THOUSANDS_SEPARATOR=',')
if(fmt_VERSION VERSION_LESS 9 OR fmt_VERSION VERSION_GREATER_EQUAL 10)
  target_compile_definitions(selvage_options INTERFACE FMT_HEADER_ONLY)
endif()

# A conversion from integer to float leaves the upper half of its register as it was, and so waits for what was computed
# in that register last. Compilers clear it first where that was shortly before; but what came before a handler or a
# stencil is not seen by the compiler, and is most often the operation that the program is waiting for.
set(SELVAGE_FALSE_DEPENDENCY_OPTIONS -mllvm -partial-reg-update-clearance=1000000000)
# For files made of handlers: nothing at their entry but the handler itself.
set(SELVAGE_HANDLER_OPTIONS -fno-stack-protector -fcf-protection=none -fomit-frame-pointer -fno-plt
                            -fno-asynchronous-unwind-tables ${SELVAGE_FALSE_DEPENDENCY_OPTIONS})

if(SELVAGE_SANITIZE)
  # A handler leaves by a guaranteed tail call, so the sanitizer must not put its locals on a stack of its own.
  # The instrumentation of indirect calls and of virtual tables does not know preserve_none.
  set(SELVAGE_SANITIZE_OPTIONS -fsanitize=address,undefined -fno-sanitize=vptr,function -fno-sanitize-recover=all
                               -fsanitize-address-use-after-return=never "SHELL:-mllvm -asan-stack=0")
  target_compile_options(selvage_options INTERFACE ${SELVAGE_SANITIZE_OPTIONS})
  target_link_options(selvage_options INTERFACE -fsanitize=address,undefined)
endif()

if(SELVAGE_SANITIZE_THREADS)
  # Handlers leave by tail calls, of which the sanitizer's record of calls knows nothing; reports name only the
  # innermost function without it.
  target_compile_options(selvage_options INTERFACE -fsanitize=thread "SHELL:-mllvm -tsan-instrument-func-entry-exit=0")
  target_link_options(selvage_options INTERFACE -fsanitize=thread)
endif()

# Whether the program that these libraries end up in brings a sanitizer's runtime.
set(SELVAGE_IS_INSTRUMENTED OFF)
if(SELVAGE_SANITIZE OR SELVAGE_SANITIZE_THREADS)
  set(SELVAGE_IS_INSTRUMENTED ON)
endif()
