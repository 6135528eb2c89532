# Libraries that only the `selvage` command uses, and only if they are installed when it is built.

# Editing of lines and a history at the prompt.
add_library(selvage_line_editing INTERFACE)
find_path(SELVAGE_LIBEDIT_INCLUDE histedit.h)
find_library(SELVAGE_LIBEDIT edit)
# As archives if all are there, so that the command runs where libedit is not installed.
set(selvage_libedit_archives "")
foreach(name IN ITEMS edit tinfo bsd md)
  find_library(SELVAGE_LIBEDIT_ARCHIVE_${name} "lib${name}.a")
  mark_as_advanced(SELVAGE_LIBEDIT_ARCHIVE_${name})
  list(APPEND selvage_libedit_archives "${SELVAGE_LIBEDIT_ARCHIVE_${name}}")
endforeach()
mark_as_advanced(SELVAGE_LIBEDIT_INCLUDE SELVAGE_LIBEDIT)
if(SELVAGE_LIBEDIT_INCLUDE AND SELVAGE_LIBEDIT)
  target_compile_definitions(selvage_line_editing INTERFACE SELVAGE_HAVE_LIBEDIT=1)
  target_include_directories(selvage_line_editing SYSTEM INTERFACE "${SELVAGE_LIBEDIT_INCLUDE}")
  if(selvage_libedit_archives MATCHES "NOTFOUND")
    target_link_libraries(selvage_line_editing INTERFACE "${SELVAGE_LIBEDIT}")
  else()
    target_link_libraries(selvage_line_editing INTERFACE ${selvage_libedit_archives})
  endif()
endif()

# Listing of machine code as assembly; without it as bytes. The listing is a library of its own, so that
# libselvage.a needs no disassembler.
# The disassembler is loaded when something is listed, by the name under which programs linked with it ask for it:
# loading it whenever a script is run would take longer than a short script does.
add_library(selvage_disassembly INTERFACE)
find_path(SELVAGE_ZYDIS_INCLUDE Zydis/Zydis.h)
find_library(SELVAGE_ZYDIS NAMES libZydis.so)
mark_as_advanced(SELVAGE_ZYDIS_INCLUDE SELVAGE_ZYDIS)
if(SELVAGE_ZYDIS_INCLUDE AND SELVAGE_ZYDIS AND CMAKE_READELF)
  execute_process(COMMAND "${CMAKE_READELF}" -d "${SELVAGE_ZYDIS}" OUTPUT_VARIABLE zydis_dynamic_section)
  if(zydis_dynamic_section MATCHES "\\(SONAME\\)[^[]*\\[([^]]+)\\]")
    target_compile_definitions(selvage_disassembly INTERFACE SELVAGE_ZYDIS_NAME="${CMAKE_MATCH_1}")
    target_include_directories(selvage_disassembly SYSTEM INTERFACE "${SELVAGE_ZYDIS_INCLUDE}")
  endif()
endif()

add_library(selvage_stencil_listing STATIC "${PROJECT_SOURCE_DIR}/jit/stencil_listing.cpp")
add_dependencies(selvage_stencil_listing selvage_opcode_table selvage_stencil_library)
target_link_libraries(selvage_stencil_listing PRIVATE selvage_options selvage_disassembly ${CMAKE_DL_LIBS})
