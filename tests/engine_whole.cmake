# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of the engine as one step function, in a small host of their own; included where fd_engine is made.
firedrill_library(fd_engine_rig SOURCES ${PROJECT_SOURCE_DIR}/tests/support/engine_rig.c USES fd_engine fd_policy fd_base)
target_compile_definitions(fd_engine_rig PRIVATE FIREDRILL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
foreach(part incident diagnose)
  firedrill_test(test_engine_${part} SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_engine_${part}.c USES fd_engine_rig)
endforeach()
