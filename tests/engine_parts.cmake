# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of the engine's pure parts; included where fd_engine is made.
foreach(part words graph conflict gate compare growth root_cause chain_check)
  firedrill_test(test_${part} SOURCES ${PROJECT_SOURCE_DIR}/tests/unit/test_${part}.c USES fd_engine fd_base m)
endforeach()
