# SPDX-License-Identifier: GPL-3.0-or-later
# The engine's pure parts: figures in, verdicts out.
set(FD_ENGINE_PARTS graph.c conflict.c gate.c compare.c growth.c root_cause.c remedy.c)
