# The whole module in one file, for OpenResty's lualib and wherever else one file is easier to hand around:
# build/single/<version>/reseller.so, by `cmake --build build --target single`. The Lua files are inside it.
set(SINGLE_SOURCE ${CMAKE_BINARY_DIR}/single/modules.c)
file(GLOB_RECURSE SINGLE_LUA CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/lua/reseller/*.lua)
list(FILTER SINGLE_LUA EXCLUDE REGEX "reseller/(cli|repl|sandbox|reference)/|reseller/(meta|repl)[.]lua$")
add_custom_command(OUTPUT ${SINGLE_SOURCE} DEPENDS ${SINGLE_LUA} csrc/embed.cmake VERBATIM
  COMMAND ${CMAKE_COMMAND} -DTOP=${CMAKE_CURRENT_SOURCE_DIR}/lua -DOUTPUT=${SINGLE_SOURCE} "-DFILES=${SINGLE_LUA}"
    -P ${CMAKE_CURRENT_SOURCE_DIR}/csrc/embed.cmake
  COMMENT "Embedding the Lua files")
add_custom_target(single)

function(add_single version include_dirs)
  set(target single-${version})
  add_library(${target} MODULE EXCLUDE_FROM_ALL ${GLUE} csrc/lsingle.c ${SINGLE_SOURCE} $<TARGET_OBJECTS:pure>)
  target_include_directories(${target} PRIVATE csrc ${include_dirs})
  target_link_libraries(${target} PRIVATE warnings ${CURL_LINK_LIBRARIES})
  target_link_options(${target} PRIVATE -Wl,-z,nodelete)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME reseller
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/single/${version})
  add_dependencies(single ${target})
endfunction()

if(LUA54_FOUND)
  add_single(5.4 "${LUA54_INCLUDE_DIRS}")
endif()
if(LUA51_FOUND)
  add_single(5.1 "${LUA51_INCLUDE_DIRS}")
endif()
