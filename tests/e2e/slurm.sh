#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/ci/slurm.sh on a real Slurm: a controller and two nodes of its own, on loopback and in a folder that goes when the
# test ends. The sweep is an array job; a task is requeued in its middle; merged, the shards are the bytes of the local sweep.
#
#   slurm.sh PROGRAM    exit 77 where Slurm is not installed (Debian: slurm-wlm)
# shellcheck source=tests/e2e/checks.sh
source "$(dirname "$0")/checks.sh"
PATH=$PATH:/usr/sbin:/sbin
for tool in slurmctld slurmd sbatch scontrol squeue; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not there; Debian's slurm-wlm has it"; exit 77; }
done
cd "$work" || exit 2
unset "${!SLURM_@}" "${!SBATCH_@}" CI_NODE_INDEX CI_NODE_TOTAL JOB_COMPLETION_INDEX
seeds=64 # eight a task

# ---- a cluster
free_port() { # that nobody listens on now
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo $port; return; }
  done
}
mkdir bin state log spool-a spool-b array && ln -s "$program" bin/firedrill
cat >slurm.conf <<CONF
ClusterName=firedrill
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SchedulerParameters=batch_sched_delay=1,sched_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
JobRequeue=1
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
NodeName=a NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$(free_port) CPUs=2
NodeName=b NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$(free_port) CPUs=2
PartitionName=all Nodes=a,b Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
processes=()
start() { "$@" >"log/${1##*/}-${#processes[@]}.log" 2>&1 & processes+=($!); }
stop_cluster() {
  scancel --user="$(id -un)" 2>/dev/null
  local patience=100
  while [ -n "$(squeue --noheader 2>/dev/null)" ] && ((patience-- > 0)); do sleep 0.1; done
  [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null
  wait
}
trap 'stop_cluster; rm -rf "$work"' EXIT
start slurmctld -D -i
start slurmd -D -N a
start slurmd -D -N b

# eventually SECONDS COMMAND...: whether it holds within so long
eventually() {
  local tries=$(($1 * 5))
  shift
  until "$@"; do
    ((tries-- > 0)) || return 1
    sleep 0.2
  done
}
both_idle() { [ "$(sinfo --noheader --Node --format=%t 2>/dev/null | grep -cx idle)" -eq 2 ]; }
if ! check 'two nodes are up' eventually 60 both_idle; then
  tail -n 20 log/* | sed 's/^/  # /'
  summary
fi

# ---- the array, as a user submits it
submit() { (cd array && PATH=$work/bin:$PATH SEEDS=$seeds sbatch --parsable "$tree/docs/ci/slurm.sh"); }
job=$(submit) || job=
check 'the ready file is submitted' [ -n "$job" ]
lines() { wc -l <"$1" 2>/dev/null || echo 0; }
part=array/swept/shard-1/results.jsonl.part
begun() { [ -e "$part" ] && [ "$(lines "$part")" -ge 4 ]; }
check 'task 1 is in its middle' eventually 120 begun
scontrol requeue "${job}_1" >"$work/out" 2>&1
check 'it is requeued' [ $? -eq 0 ]
stopped() { scontrol show job "${job}_1" | grep -Eq 'Restarts=[1-9]'; }
check 'Slurm counts a restart of it' eventually 30 stopped
# what it had done by then, to be found again at the beginning of its results
cp $part before 2>/dev/null || cp array/swept/shard-1/results.jsonl before
check 'it was stopped before its end' [ "$(lines before)" -le $((2 * seeds / 8)) ]
over() { [ -z "$(squeue --noheader --job "$job" 2>/dev/null)" ]; }
check 'all tasks end' eventually 300 over
check 'task 1 went on where it was' cmp -s -n "$(stat -c %s before)" before array/swept/shard-1/results.jsonl
for k in 1 2 3 4 5 6 7 8; do
  grep -q "shard $k of 8, as SLURM_ARRAY_TASK_ID says" "array/slurm-${job}_$k.out" || check "task $k knew which it was" false
done

# ---- merged, it is the local one
fd sweep 01_high_error_rate 04_conflicting_fixes --seeds $seeds --out whole
check 'a local sweep' test -s whole/results.jsonl
fd merge array/swept/shard-* --out merged
check 'the shards are merged' ended 0
for file in results.jsonl report.json report.md report.csv; do check "the same $file" same "whole/$file" "merged/$file"; done
stop_cluster
gone() { ! kill -0 "$1" 2>/dev/null; }
for process in "${processes[@]}"; do check "process $process is gone" gone "$process"; done
processes=()
summary
