#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Figures of the whole matrix on every topology, added up by a program that is not ours: buckets to the nanosecond, groups
# to the whole, locks to scopes and engines, indicators to what made them, and the proof that nothing deadlocked.
# Without python3 this is skipped, and says so.
#
#   figures.sh PROGRAM
# shellcheck source=checks.sh
. "$(dirname "$0")/checks.sh"
cd "$work" || exit 2

if ! command -v python3 >/dev/null; then
  echo '# skipped: no python3, so nothing was added up'
  exit 77
fi
fd matrix --topology all --json all.json --csv all.csv
check 'the matrix passes on all topologies' ended 0

# ---- the grid
check 'the grid has every topology of the catalogue' said 'passed +(22/22 *){8}$'
check 'and tells what its columns are' said '^T1 bookinfo, T2 dsb-hotel-reservation'

cat >sums.py <<'PY'
import csv, json, sys
report = json.load(open("all.json"))
runs, what = report["runs"], sys.argv[1]
incidents = [(run, incident) for run in runs for incident in run["incidents"]]
topologies = {run["topology"] for run in runs}
assert len(topologies) >= 8 and len(runs) >= 20 * len(topologies) and len(incidents) >= len(runs)

def counted():
    seen = set()
    for number, run in enumerate(runs):
        for incident in run["incidents"]:
            if incident["fault"] < 0 or incident["onset_ns"] is None or (number, incident["fault"]) in seen: continue
            seen.add((number, incident["fault"]))
            yield number, run, incident

def buckets():
    for run, incident in incidents:
        name = (run["scenario"], run["topology"], incident["name"])
        assert sum(incident["buckets_ns"].values()) == incident["stood_ns"], name
        sums, at = dict.fromkeys(incident["buckets_ns"], 0), incident["onset_ns"]
        for step in incident["path"]: # without a gap, from the onset on
            assert step["from_ns"] == at < step["to_ns"], name
            sums[step["bucket"]] += step["to_ns"] - step["from_ns"]
            at = step["to_ns"]
        assert sums == incident["buckets_ns"], name
        if incident["outcome"] == "resolved": assert incident["path"][-1]["bucket"] in ("verify", "close"), name
        if incident["closed_ns"] is not None and incident["repaired"]:
            assert at == incident["closed_ns"] and incident["mttr_ns"] == incident["stood_ns"], name
    assert sum(sum(incident["buckets_ns"].values()) for _, _, incident in counted() if incident["repaired"]) == \
        sum(report["mttr"]["buckets_ns"].values()) > 0

def groups():
    own = {"scenario": lambda run, i: run["scenario"], "fault": lambda run, i: i["fault_kind"],
           "service": lambda run, i: i["service"], "engine": lambda run, i: i["engine"] or "-"}
    for by, key in own.items():
        members = {}
        for _, run, incident in counted(): members.setdefault(key(run, incident), []).append(incident)
        listed = {group["name"]: group for group in report["groups"][by]}
        assert sorted(members) == sorted(listed), by
        for name, mine in members.items():
            mttr, repaired = listed[name]["mttr"], [i["mttr_ns"] for i in mine if i["repaired"]]
            assert mttr["incidents"] == len(mine) and mttr["repaired"]["count"] == len(repaired), name
            assert mttr["escalated"] + mttr["unresolved"] == len(mine) - len(repaired), name # censored, never dropped
            assert mttr["failed_requests"] == sum(i["failed_requests"] for i in mine), name
            assert mttr["budget_burnt_ppm"] == sum(i["budget_burnt_ppm"] or 0 for i in mine), name
            if repaired: assert abs(mttr["repaired"]["mean"]["value_ns"] - sum(repaired) / len(repaired)) <= 1, name
            assert listed[name]["survival"]["p50"]["value_ns"] == median(mine), name

def median(mine): # Kaplan and Meier's, in fractions
    from fractions import Fraction
    stands, risk = Fraction(1), len(mine)
    for time in sorted({i["stood_ns"] for i in mine}):
        here = [i for i in mine if i["stood_ns"] == time]
        stands *= Fraction(risk - sum(i["repaired"] for i in here), risk)
        risk -= len(here)
        if 2 * stands <= 1: return time
    return None

def locks():
    for run in runs:
        c = run["contention"]
        for key in ("requests", "grants", "refused", "waited_ns"):
            assert c["all"][key] == sum(lock[key] for lock in c["locks"]) == sum(lock[key] for lock in c["scopes"]), key
        for lock in c["locks"] + c["scopes"] + c["engines"] + [c["all"]]:
            assert lock["grants"] == lock["wait"]["count"] >= lock["hold"]["count"] >= 0
        assert sum(engine["requests"] for engine in c["engines"]) <= c["all"]["requests"] # operators ask, too
        assert c["little_holds"]

# Little's law once more, from the points of the queues and the edges of the waits-for graph alone.
def little():
    waited = 0
    for run in runs:
        c, area, last = run["contention"], 0, {}
        for point in c["queues"]:
            at, waiters = last.get(point["lock"], (0, 0))
            area += waiters * (point["at_ns"] - at)
            last[point["lock"]] = (point["at_ns"], point["waiters"])
        area += sum(waiters * (run["ended_ns"] - at) for at, waiters in last.values())
        assert area == c["all"]["waited_ns"], (run["scenario"], run["topology"], area)
        waited += area
    assert waited > 0

def proof():
    edges = 0
    for run in runs:
        graph = run["contention"]["waits_for"]
        assert graph["acyclic"] and run["contention"]["cycles"] == 0
        ends = [(e["from_ns"], e["to_ns"] if e["to_ns"] is not None else run["ended_ns"] + 1, e) for e in graph["edges"]]
        shapes = graph["proof"]
        for k, shape in enumerate(shapes):
            until = shapes[k + 1]["at_ns"] if k + 1 < len(shapes) else run["ended_ns"]
            place = {op: n for n, op in enumerate(shape["order"])}
            for begins, over, edge in ends:
                if begins <= shape["at_ns"] < over and until > shape["at_ns"]:
                    assert place[edge["waiter"]] < place[edge["for"]], (run["scenario"], edge)
        assert all(any(shape["at_ns"] == begins for shape in shapes) for begins, _, _ in ends) # none without a proof
        edges += len(ends)
    assert edges >= 2 * len(topologies)

def indicators():
    for name, indicator in report["indicators"].items():
        parts = indicator["made_by"]
        assert sum(p["part"] for p in parts) == indicator["part"], name
        assert sum(p["whole"] for p in parts) == indicator["whole"] > 0, name
        assert indicator["low_ppm"] <= 1e6 * indicator["part"] / indicator["whole"] <= indicator["high_ppm"], name
        for p in parts:
            names = [incident["name"] for incident in runs[p["run"]]["incidents"]]
            assert p["incident"] in names if p["incident"] else name in ("lock_contention", "gate_rejections")
    healed = {(p["run"], p["incident"]) for p in report["indicators"]["auto_healing_success"]["made_by"] if p["part"]}
    assert healed == {(n, i["name"]) for n, _, i in counted() if i["outcome"] == "resolved"}

def table():
    rows = list(csv.DictReader(open("all.csv", newline="")))
    assert len(rows) == len(incidents)
    for row, (run, incident) in zip(rows, incidents):
        for key in ("stood_ns", "mttr_ns", "failed_requests", "engine", "fault_kind", "mitigated_ns", "budget_burnt_ppm"):
            assert row[key] == ("" if incident[key] is None else str(incident[key])), key
        assert sum(int(row[bucket + "_ns"]) for bucket in incident["buckets_ns"]) == int(row["stood_ns"])

{f.__name__: f for f in (buckets, groups, locks, little, proof, indicators, table)}[what]()
PY
sums() { python3 sums.py "$1" >>"$work/out" 2>&1; }
check 'buckets of every incident add up to the nanosecond, along a path without a gap' sums buckets
check 'groups by scenario, fault, service and engine add up to the whole, with Kaplan and Meier' sums groups
check 'locks add up to scopes, and to all' sums locks
check 'the area under the queues is what was waited' sums little
check 'every edge that anybody waited along goes forward in the order that is its proof' sums proof
check 'indicators are made by what is named beside them' sums indicators
check 'CSV has the same' sums table
summary
