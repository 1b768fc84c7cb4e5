# What `cmake --install` leaves behind of itself, so that an update takes away what the version
# before had and this one has not, and `cmake --build build --target uninstall` takes away all:
# PREFIX/share/lua-sms/installed.txt, a line for each file, and one with a "/" at its end for each
# folder that was not there before. Paths are without DESTDIR, as in CMake's own manifest.
#
# CMakeLists.txt includes this file; when something is installed or removed it runs as a script,
# with STEP and BUILD.

cmake_minimum_required(VERSION 3.18)
set(SMS_RECORD share/lua-sms/installed.txt)
set(SMS_OWN_FOLDERS "/(sms|sms_command|lua-sms)(/|$)") # these, and all below, are the library's

# ---- When it is configured ---------------------------------------------------------------------

function(run_at_installation step)
  install(CODE "set(STEP ${step})
    set(BUILD [==[${PROJECT_BINARY_DIR}]==])
    set(SMS_LIBDIR [==[${CMAKE_INSTALL_LIBDIR}]==])
    set(SMS_LUA [==[${SMS_LUA}]==])
    include([==[${PROJECT_SOURCE_DIR}/packaging/installation.cmake]==])")
endfunction()

function(before_installation)
  run_at_installation(before)
endfunction()

function(after_installation)
  run_at_installation(after)
  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DSTEP=uninstall
    -DBUILD=${PROJECT_BINARY_DIR} -DCMAKE_INSTALL_PREFIX=${CMAKE_INSTALL_PREFIX}
    -P ${PROJECT_SOURCE_DIR}/packaging/installation.cmake VERBATIM)
endfunction()

# ---- When it is installed or removed -----------------------------------------------------------

# The files, and the folders with their "/", that an installation has noted; whether one was made
# that could not do so yet: 0.1.0, of the same build folder.
function(read_record files folders has_none)
  set(lines "")
  set(${has_none} FALSE PARENT_SCOPE)
  if(EXISTS "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${SMS_RECORD}")
    file(STRINGS "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${SMS_RECORD}" lines)
  elseif(EXISTS "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/bin/sms"
         AND EXISTS "${BUILD}/install_manifest.txt")
    file(STRINGS "${BUILD}/install_manifest.txt" lines)
    set(${has_none} TRUE PARENT_SCOPE)
  endif()
  set(all ${lines})
  list(FILTER all EXCLUDE REGEX "/$")
  list(FILTER lines INCLUDE REGEX "/$")
  set(${files} ${all} PARENT_SCOPE)
  set(${folders} ${lines} PARENT_SCOPE)
endfunction()

# The folders that all share and that an installation is going to make, or that one without a record
# has made, which nobody can tell: all that a bare system does not have.
function(find_new_folders may_be_older result)
  set(older "")
  if(may_be_older)
    string(REGEX REPLACE "([][+.*()^$?|\\])" "\\\\\\1" older "${CMAKE_INSTALL_PREFIX}")
    set(older "^${older}/(lib/.|share/man/.|share/[^m])")
  endif()
  set(folders bin share/man/man1 share/bash-completion/completions share/zsh/site-functions
    share/doc lib/systemd/system)
  string(REPLACE "luajit" "5.1" versions "${SMS_LUA}")
  foreach(version IN LISTS versions)
    list(APPEND folders ${SMS_LIBDIR}/lua/${version} share/lua/${version})
  endforeach()
  set(new "")
  foreach(folder IN LISTS folders)
    set(path "${CMAKE_INSTALL_PREFIX}/${folder}")
    while(NOT path MATCHES "^/?$" AND (NOT EXISTS "$ENV{DESTDIR}${path}"
                                     OR (older AND path MATCHES "${older}")))
      list(APPEND new "${path}/")
      get_filename_component(path "${path}" DIRECTORY)
    endwhile()
  endforeach()
  list(REMOVE_DUPLICATES new)
  set(${result} ${new} PARENT_SCOPE)
endfunction()

# Removes files, and then those folders of the library's own, and of the given ones, that are empty.
function(remove_installed files folders)
  set(empty "")
  string(LENGTH "${CMAKE_INSTALL_PREFIX}" length)
  foreach(file IN LISTS files)
    file(REMOVE "$ENV{DESTDIR}${file}")
    string(SUBSTRING "${file}" ${length} -1 folder)
    get_filename_component(folder "${folder}" DIRECTORY)
    while(folder MATCHES "${SMS_OWN_FOLDERS}")
      list(APPEND empty "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}${folder}")
      get_filename_component(folder "${folder}" DIRECTORY)
    endwhile()
  endforeach()
  foreach(folder IN LISTS folders)
    string(REGEX REPLACE "/$" "" folder "$ENV{DESTDIR}${folder}")
    list(APPEND empty "${folder}")
  endforeach()
  list(REMOVE_DUPLICATES empty)
  list(SORT empty ORDER DESCENDING) # what lies below comes first
  if(empty)
    execute_process(COMMAND rmdir ${empty} ERROR_QUIET) # which leaves what is not empty
  endif()
endfunction()

if(STEP STREQUAL before)
  get_filename_component(CMAKE_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}" ABSOLUTE)
  read_record(sms_earlier_files sms_folders sms_has_none)
  find_new_folders(${sms_has_none} new)
  list(APPEND sms_folders ${new})
elseif(STEP STREQUAL after)
  set(record "${CMAKE_INSTALL_PREFIX}/${SMS_RECORD}")
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${record}")
  set(gone "")
  foreach(file IN LISTS sms_earlier_files)
    string(FIND "${file}" "${CMAKE_INSTALL_PREFIX}/" at)
    if(at EQUAL 0 AND NOT file IN_LIST CMAKE_INSTALL_MANIFEST_FILES)
      list(APPEND gone "${file}")
    endif()
  endforeach()
  remove_installed("${gone}" "")
  set(lines ${sms_folders} ${CMAKE_INSTALL_MANIFEST_FILES})
  list(REMOVE_DUPLICATES lines)
  list(JOIN lines "\n" text)
  file(WRITE "$ENV{DESTDIR}${record}" "${text}\n")
  file(WRITE "${BUILD}/installed_to.txt" "${CMAKE_INSTALL_PREFIX}")
elseif(STEP STREQUAL uninstall)
  if(EXISTS "${BUILD}/installed_to.txt") # which `cmake --install --prefix` may have chosen
    file(READ "${BUILD}/installed_to.txt" CMAKE_INSTALL_PREFIX)
  endif()
  if(NOT EXISTS "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${SMS_RECORD}")
    message(FATAL_ERROR "nothing is installed in $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
  endif()
  read_record(files folders has_none)
  remove_installed("${files}" "${folders}")
endif()
