# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of the engine as one step function, in a small host of their own; included where fd_engine is made.
set(rig ${PROJECT_SOURCE_DIR}/tests/support/engine_rig)
firedrill_library(fd_engine_rig SOURCES ${rig}.c ${rig}_laws.c ${rig}_world.c ${rig}_log.c ${PROJECT_SOURCE_DIR}/tests/support/recording.c USES fd_engine fd_policy fd_base)
target_compile_definitions(fd_engine_rig PRIVATE FIREDRILL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
foreach(part incident diagnose notify locks intents lock_watch canary figures verify people commands audit operation recover ties twice left remedies)
  firedrill_test(test_engine_${part} SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_engine_${part}.c USES fd_engine_rig)
endforeach()
if(NOT CMAKE_C_FLAGS MATCHES "-fsanitize") # whose own malloc it would be in the way of
  firedrill_test(test_engine_memory SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_engine_memory.c USES fd_engine_rig)
endif()
firedrill_test(test_remedy SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_remedy.c USES fd_engine fd_policy fd_base)
firedrill_test(test_slo SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_slo.c USES fd_engine_rig)
if(FIREDRILL_FUZZERS) # flags: see engine/yaml
  add_executable(fuzz_engine ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_engine.c)
  target_link_libraries(fuzz_engine PRIVATE fd_engine_rig)
  target_link_options(fuzz_engine PRIVATE -fsanitize=fuzzer,address,undefined)
endif()
