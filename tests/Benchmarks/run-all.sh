#!/usr/bin/env bash
# All figures of docs/benchmarks.md, as one Markdown page on the standard output. Run it on a quiet machine; it takes about ten minutes.
#   tests/Benchmarks/run-all.sh [--seconds S] [--runs N] [--data DIR]
# DIR lies on the disk to be measured (default: a new directory under the temporary one).
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=10
runs=3
data=$(mktemp -d)
own=$data
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2 ;;
    --runs) runs=$2 ;;
    --data) data=$2; mkdir -p "$data"; rmdir "$own"; own= ;;
    *) echo "Unknown option $1; see the head of $0." >&2; exit 2 ;;
  esac
  shift 2
done
trap '[ -z "$own" ] || rm -rf "$own"' EXIT

dotnet build -c Release -nologo -v quiet tests/Benchmarks >&2
bench=artifacts/bin/Benchmarks/release/Rollbook.Benchmarks
cli=artifacts/bin/Cli/release/rollbook

echo "Machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r), .NET $(dotnet --version), data on $(df --output=fstype "$data" | tail -n 1)."
echo
echo "| way | steps an append | run | steps/s | ack p50 | p99 | p99.9 | max | CPU s per million steps: recorder | client | share of the raw disk | share of the bare calls |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
measure() {
  local name=$1
  shift
  for run in $(seq "$runs"); do
    local json
    json=$("$cli" bench "$@" --warmup 10 --seconds "$seconds" --json --data "$data/run.$$") || { rm -rf "${data:?}/run.$$"; echo "$name: failed" >&2; return 0; }
    python3 - "$name" "$run" "$json" <<'PYTHON'
import json, sys
name, run, r = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
ack, cpu, limits = r["ack_ms"], r["cpu_seconds_per_million_steps"], r["limits"]
rate = r["steps_per_second"]
calls = f'{rate / r["batch"] / limits["calls_per_second"]:.0%}' if r["mode"] != "across" else "–"
print(f'| {name} | {r["batch"]} | {run} | {rate:,.0f} | {ack["p50"]:.1f} ms | {ack["p99"]:.1f} ms | {ack["p999"]:.1f} ms | {ack["max"]:.1f} ms '
      f'| {cpu["server"]:.1f} | {cpu["client"]:.1f} | {rate / limits["disk_steps_per_second"]:.1%} | {calls} |')
PYTHON
    rm -rf "${data:?}/run.$$"
  done
}
measure "HTTP, lockstep" --via http
measure "HTTP, lockstep, one episode" --via http --episodes 1
measure "HTTP, batch" --via http --mode batch
if "$cli" bench --via http --mode across --episodes 2 --steps 2 --warmup 0 --no-limits > /dev/null 2>&1; then
  measure "HTTP, across (4 connections)" --via http --mode across
fi
measure "C# client, lockstep" --via gateway
measure "C# client, batch" --via gateway --mode batch
measure "grain calls, lockstep" --via grain
measure "grain calls, batch" --via grain --mode batch
echo
"$bench" compare --seconds "$seconds" --data "$data/compare"
echo
echo '```'
"$bench" log "$data/log"
echo '```'
