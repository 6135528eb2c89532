# What others build with: the shared library, installation, the CMake package, the pkg-config file, the Debian package.
#
#     cmake --install build --prefix P
#
# gives P/bin/selvage, P/lib/libselvage.{a,so}, the headers in a folder of their own (P/include/selvage: many systems
# have another lua.h in P/include), and in P/lib/selvage/compat names under which the shared library stands in for
# Debian's liblua5.4 when LD_LIBRARY_PATH points there.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(SELVAGE_INSTALL_HEADERS "${CMAKE_INSTALL_INCLUDEDIR}/selvage")
set(SELVAGE_INSTALL_PACKAGE "${CMAKE_INSTALL_LIBDIR}/cmake/Selvage")

# ---- what is exported: the functions that the C headers declare, and nothing else ----
# The version of the symbols is that which Debian's library gives them, so that programs linked with it find them.
file(GLOB SELVAGE_C_HEADERS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/*.h" "${PROJECT_SOURCE_DIR}/include/selvage/*.h")
set(lua_symbols "")
set(selvage_symbols "")
foreach(header IN LISTS SELVAGE_C_HEADERS)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
  file(STRINGS "${header}" declarations REGEX "^(LUA_API|LUALIB_API|LUAMOD_API|SELVAGE_API) ")
  foreach(declaration IN LISTS declarations)
    if(declaration MATCHES "[ *]((lua|luaL|luaopen)_[a-z0-9_]+)(\\(|\\[)")
      string(APPEND lua_symbols "    ${CMAKE_MATCH_1};\n")
    elseif(declaration MATCHES "[ *](selvage_[A-Za-z0-9_]+)(\\(|\\[)")
      string(APPEND selvage_symbols "    ${CMAKE_MATCH_1};\n")
    else()
      message(FATAL_ERROR "no name was found in this declaration of ${header}: ${declaration}")
    endif()
  endforeach()
endforeach()
# The version itself is an absolute symbol, as GNU's linker makes it in Debian's library.
set(version_script "LUA_5.4 {\n  global:\n    LUA_5.4;\n${lua_symbols}  local:\n    *;\n};\n")
if(selvage_symbols)
  string(APPEND version_script "SELVAGE_0 {\n  global:\n${selvage_symbols}};\n")
endif()
set(SELVAGE_VERSION_SCRIPT "${SELVAGE_GENERATED_DIR}/exported_symbols.map")
file(CONFIGURE OUTPUT "${SELVAGE_VERSION_SCRIPT}" CONTENT "${version_script}" @ONLY)

# ---- the shared library, of the same objects as the static one ----
add_library(selvage_shared SHARED ${SELVAGE_LIBRARY_OBJECTS})
set_target_properties(selvage_shared PROPERTIES OUTPUT_NAME selvage EXPORT_NAME selvage VERSION "${PROJECT_VERSION}"
                                                SOVERSION "${PROJECT_VERSION_MAJOR}" LINKER_LANGUAGE CXX
                                                LINK_DEPENDS "${SELVAGE_VERSION_SCRIPT}")
target_link_libraries(selvage_shared PRIVATE $<BUILD_INTERFACE:selvage_options> ${CMAKE_DL_LIBS} m)
# A sanitizer's runtime is the program's, not the library's.
# Its functions call each other directly, not by way of what a program may have put in their place.
target_link_options(selvage_shared PRIVATE "LINKER:-Bsymbolic-functions"
                                           "LINKER:--version-script=${SELVAGE_VERSION_SCRIPT}"
                                           "LINKER:--defsym=LUA_5.4=0"
                                           "LINKER:--no-undefined-version" $<$<NOT:$<BOOL:${SELVAGE_IS_INSTRUMENTED}>>:LINKER:-z,defs>)
set_target_properties(selvage_library PROPERTIES EXPORT_NAME static)

foreach(library IN ITEMS selvage_shared selvage_library)
  target_include_directories(${library} INTERFACE "$<INSTALL_INTERFACE:${SELVAGE_INSTALL_HEADERS}>")
endforeach()
# As find_package names them, for projects that add this one as a folder.
add_library(Selvage::selvage ALIAS selvage_shared)
add_library(Selvage::static ALIAS selvage_library)

# ---- installation ----
# `scripts/run` builds the command alone: what else is installed is built when it is asked for.
install(CODE "
  foreach(file IN ITEMS \"$<TARGET_FILE:selvage>\" \"$<TARGET_FILE:selvage_shared>\" \"$<TARGET_FILE:selvage_library>\")
    if(NOT EXISTS \"\${file}\")
      execute_process(COMMAND \"${CMAKE_COMMAND}\" --build \"${PROJECT_BINARY_DIR}\"
                              --target selvage selvage_shared selvage_library COMMAND_ERROR_IS_FATAL ANY)
      break()
    endif()
  endforeach()")
install(TARGETS selvage_shared selvage_library EXPORT SelvageTargets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS selvage RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${SELVAGE_INSTALL_HEADERS}"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# Two folders deep, as when they are installed, so that they can be used from the build folder too.
foreach(name IN ITEMS liblua5.4.so.0 liblua5.4-c++.so.0)
  set(alias "${PROJECT_BINARY_DIR}/selvage-aliases/compat/${name}")
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/selvage-aliases/compat")
  file(CREATE_LINK "../../libselvage.so.${PROJECT_VERSION_MAJOR}" "${alias}" SYMBOLIC)
  install(FILES "${alias}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/selvage/compat")
endforeach()

install(EXPORT SelvageTargets NAMESPACE Selvage:: DESTINATION "${SELVAGE_INSTALL_PACKAGE}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/SelvageConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/SelvageConfig.cmake" INSTALL_DESTINATION "${SELVAGE_INSTALL_PACKAGE}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/SelvageConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/SelvageConfig.cmake" "${PROJECT_BINARY_DIR}/SelvageConfigVersion.cmake"
        DESTINATION "${SELVAGE_INSTALL_PACKAGE}")

# The prefix is found from where the file is, so that an installed copy can be moved.
file(RELATIVE_PATH SELVAGE_PREFIX_FROM_PKGCONFIG "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${PROJECT_SOURCE_DIR}/cmake/selvage.pc.in" "${PROJECT_BINARY_DIR}/selvage.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/selvage.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# ---- cpack: a Debian package ----
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME selvage)
set(CPACK_PACKAGE_VENDOR "The Selvage authors")
# Whoever builds a package for others is whom they write to; there is no address of the project's.
set(SELVAGE_PACKAGE_CONTACT "Whoever built this package <root@localhost>" CACHE STRING
    "Maintainer of the packages that cpack writes: name and mail address")
set(CPACK_PACKAGE_CONTACT "${SELVAGE_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_STRIP_FILES ON)
set(CPACK_SELVAGE_STRIP "${CMAKE_STRIP}")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/finish_package.cmake")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION interpreters)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Runs Lua 5.4 programs, by interpretation and as machine code. The library has the C API and the binary interface
of Lua 5.4, so that programs which embed Lua and modules written in C work with it.")
# From what the files link with; the same by hand where dpkg-shlibdeps is missing.
find_program(SELVAGE_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(SELVAGE_SHLIBDEPS)
if(SELVAGE_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6, libstdc++6, libgcc-s1")
endif()
include(CPack)
