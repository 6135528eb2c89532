# What cpack does to the files of a package before it packs them: static libraries lose their debugging information,
# which CPACK_STRIP_FILES leaves in them, and the licence is where Debian's policy has it.
file(GLOB_RECURSE archives "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.a")
foreach(archive IN LISTS archives)
  execute_process(COMMAND "${CPACK_SELVAGE_STRIP}" --strip-debug "${archive}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(GLOB_RECURSE licences "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/LICENSE")
foreach(licence IN LISTS licences)
  cmake_path(REPLACE_FILENAME licence copyright OUTPUT_VARIABLE copyright)
  file(RENAME "${licence}" "${copyright}")
endforeach()
