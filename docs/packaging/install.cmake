# SPDX-License-Identifier: GPL-3.0-or-later
# What "cmake --install" puts where, and what a Debian package holds. The program finds its data in ../share/firedrill
# from where it stands, and the pkg-config file its library, so an installed tree may be moved.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS # whatever the umask of whoever installs
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(packaging ${CMAKE_CURRENT_LIST_DIR})
set(data share/firedrill) # not DATADIR: sim/run/files.c looks for it under this name

install(TARGETS firedrill RUNTIME)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scenarios ${PROJECT_SOURCE_DIR}/policies ${PROJECT_SOURCE_DIR}/rules
  ${PROJECT_SOURCE_DIR}/lessons
  DESTINATION ${data} FILES_MATCHING PATTERN "*.yaml" PATTERN "*.schema.json" PATTERN "words" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/topologies/catalogue
  DESTINATION ${data}/topologies FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/reports/forms/
  DESTINATION ${data}/schemas FILES_MATCHING PATTERN "*.schema.json") # for whoever reads reports
install(DIRECTORY ${PROJECT_SOURCE_DIR}/reports/dashboards
  DESTINATION ${data} FILES_MATCHING PATTERN "*.json")

# The engine as one library: its step, what it is made of, the policy loader that configures it, and what a host needs.
add_library(firedrill_engine STATIC $<TARGET_OBJECTS:fd_engine> $<TARGET_OBJECTS:fd_base>
  $<TARGET_OBJECTS:fd_policy> $<TARGET_OBJECTS:fd_yaml> $<TARGET_OBJECTS:fd_host>)
set_target_properties(firedrill_engine PROPERTIES OUTPUT_NAME firedrill-engine LINKER_LANGUAGE C)
install(TARGETS firedrill_engine ARCHIVE)
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/firedrill/engine)
install(FILES ${PROJECT_SOURCE_DIR}/engine/engine.h ${PROJECT_SOURCE_DIR}/engine/config.h DESTINATION ${headers})
install(FILES ${PROJECT_SOURCE_DIR}/engine/policy/policy.h ${PROJECT_SOURCE_DIR}/engine/policy/zone.h
  DESTINATION ${headers}/policy)
install(FILES ${PROJECT_SOURCE_DIR}/engine/host/payload.h ${PROJECT_SOURCE_DIR}/engine/host/wording.h
  ${PROJECT_SOURCE_DIR}/engine/host/sign.h DESTINATION ${headers}/host)
install(FILES ${PROJECT_SOURCE_DIR}/engine/host/example/world.h DESTINATION ${headers}/host/example)
install(FILES ${PROJECT_SOURCE_DIR}/engine/yaml/yaml.h DESTINATION ${headers}/yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine/base ${PROJECT_SOURCE_DIR}/engine/words
  DESTINATION ${headers} FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${packaging}/firedrill-engine.pc.in firedrill-engine.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/firedrill-engine.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The manual takes its commands and options from the program itself; the completions ask it when they are used.
add_custom_command(OUTPUT firedrill.1
  COMMAND ${packaging}/manual.sh $<TARGET_FILE:firedrill> ${packaging}/firedrill.1.in firedrill.1
  DEPENDS firedrill ${packaging}/manual.sh ${packaging}/firedrill.1.in VERBATIM)
add_custom_target(manual ALL DEPENDS firedrill.1)
install(FILES ${PROJECT_BINARY_DIR}/firedrill.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${packaging}/completion.bash DESTINATION share/bash-completion/completions RENAME firedrill)
install(FILES ${packaging}/completion.zsh DESTINATION share/zsh/site-functions RENAME _firedrill)

install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE
  ${packaging}/copyright DESTINATION share/doc/firedrill)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs
  DESTINATION share/doc/firedrill FILES_MATCHING PATTERN "*.md" PATTERN "*.yml" PATTERN "packaging" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/engine/host/example/host.c
  ${PROJECT_SOURCE_DIR}/engine/host/example/world.c DESTINATION share/doc/firedrill/examples)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME firedrill)
set(CPACK_PACKAGE_CONTACT "firedrill <firedrill@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS tzdata) # where a policy names a time zone
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libsodium-dev, libyaml-dev, libjansson-dev, pkg-config") # to link the engine library
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "Runs the real self-healing engine against simulated services, metrics, clocks
and network, replays a failure-injection matrix reproducibly, judges what
happened from the facts alone, and reports MTTR and lock contention.")
include(CPack)

if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize") # the example would have to be linked with the sanitizer, too
  add_test(NAME install COMMAND ${PROJECT_SOURCE_DIR}/tests/e2e/install.sh ${PROJECT_BINARY_DIR})
  set_tests_properties(install PROPERTIES SKIP_RETURN_CODE 77)
endif()
