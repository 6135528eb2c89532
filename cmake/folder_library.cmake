# One object library for each folder of the library; together they become libselvage.a.

# selvage_folder_library(<folder> [EXCLUDE file...] [GENERATED file...] [OPTIONS option...]
#                        [DEPENDS target...])
# Makes selvage_<folder> of <folder>/*.cpp and the generated files, and adds its objects to SELVAGE_LIBRARY_OBJECTS.
function(selvage_folder_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 argument "" "" "EXCLUDE;GENERATED;OPTIONS;DEPENDS")
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  foreach(excluded IN LISTS argument_EXCLUDE)
    list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/${folder}/${excluded}")
  endforeach()
  set(target "selvage_${folder}")
  add_library(${target} OBJECT ${sources} ${argument_GENERATED})
  add_dependencies(${target} selvage_generated ${argument_DEPENDS})
  target_link_libraries(${target} PRIVATE selvage_options)
  target_compile_options(${target} PRIVATE ${argument_OPTIONS})
  set(SELVAGE_LIBRARY_OBJECTS ${SELVAGE_LIBRARY_OBJECTS} $<TARGET_OBJECTS:${target}> PARENT_SCOPE)
endfunction()
