# SPDX-License-Identifier: GPL-3.0-or-later
# The control plane's part of fd_world, and its tests.
set(FD_WORLD_CONTROL
  network.c clock.c clock_faults.c lock_store.c lock_table.c lock_faults.c store_redis.c store_etcd.c store_file.c registry.c deploy_target.c deploy_remedies.c change_feed.c patch_service.c ci_service.c evidence.c
  log_store.c process.c people.c desk.c metrics_node.c fault.c rollout.c swizzle.c world.c)

foreach(part network clock clock_faults lock_store lock_faults registry deploy_target deploy_remedies services log_store people rollout world)
  firedrill_test(test_${part} SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_${part}.c USES fd_world)
endforeach()

# Models of lock stores beside real servers: skipped where these are not installed. Redis needs its client library.
pkg_check_modules(HIREDIS IMPORTED_TARGET hiredis)
if(HIREDIS_FOUND)
  firedrill_test(test_real_redis SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_real_redis.c
                 USES fd_world PkgConfig::HIREDIS)
  set_tests_properties(test_real_redis PROPERTIES SKIP_RETURN_CODE 77)
endif()
firedrill_test(test_real_etcd SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_real_etcd.c
               USES fd_world PkgConfig::JANSSON PkgConfig::SODIUM)
set_tests_properties(test_real_etcd PROPERTIES SKIP_RETURN_CODE 77)
