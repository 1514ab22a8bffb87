#!/usr/bin/env bash
# A cluster of recorders on this machine, for trying it out: N processes over Azurite, the emulator of Azure Storage.
#
#   deploy/local-cluster.sh [N]          3 silos where N is left out; Ctrl+C ends them all
#
#   --port PORT    the first silo's HTTP port, the others' behind it (default 5080; 0 = free ones)
#   --gateway-port PORT  the first silo's port for C# clients, the others' behind it (default 30000; 0 = free ones)
#   --data DIR     what is recorded, and each process's output (default ./rollbook-cluster)
#   --silo FILE    the built silo (default: built here, artifacts/bin/Silo/release/Rollbook.Silo.dll)
#   --no-demo      without simulated workers
#
# Needs the .NET 10 SDK, and Node 18 or newer with npm: Azurite is installed once, below ~/.cache/rollbook. It loses data when it is
# killed; a real cluster uses a storage account (docs/cluster.md).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

count=3
port=5080
gateway=30000
data=$PWD/rollbook-cluster
silo=
demo=yes
# The last release that runs on Node 18 and 20; newer ones need 22.
azurite=3.35.0
place=${ROLLBOOK_AZURITE:-${XDG_CACHE_HOME:-$HOME/.cache}/rollbook/azurite-$azurite}
pids=()

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

fail() {
  echo "local-cluster.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --port) port=${2:?--port needs a number}; shift 2 ;;
    --gateway-port) gateway=${2:?--gateway-port needs a number}; shift 2 ;;
    --data) data=${2:?--data needs a directory}; shift 2 ;;
    --silo) silo=${2:?--silo needs a file}; shift 2 ;;
    --no-demo) demo=no; shift ;;
    -h | --help) usage; exit 0 ;;
    [1-9] | [1-9][0-9]) count=$1; shift ;;
    *) echo "local-cluster.sh: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
done

need() { command -v "$1" > /dev/null || fail "$1 is missing: $2"; }

need dotnet "install the .NET 10 SDK, https://dotnet.microsoft.com/download"
need node "install Node.js 18 or newer, https://nodejs.org"

# Each by its id, the storage last: a silo's stop writes to it.
stop() {
  trap - EXIT INT TERM
  local at
  for ((at = ${#pids[@]} - 1; at >= 1; at--)); do kill -TERM "${pids[at]}" 2> /dev/null || true; done
  for ((at = ${#pids[@]} - 1; at >= 1; at--)); do wait "${pids[at]}" 2> /dev/null || true; done
  [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[0]}" 2> /dev/null || true
  wait 2> /dev/null || true
}

trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Waits for a line in a process's output; the process must not end before.
await() {
  local pid=$1 file=$2 line=$3 name=$4
  for _ in $(seq 600); do
    grep -qs "$line" "$file" && return
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.2
  done
  tail -n 20 "$file" >&2
  fail "$name did not start; its output is in $file"
}

if [ ! -f "$place/node_modules/azurite/dist/src/azurite.js" ]; then
  need npm "it comes with Node.js"
  echo "Installing Azurite $azurite in $place (once)"
  mkdir -p "$place"
  npm install --prefix "$place" --no-audit --no-fund --no-save --ignore-scripts "azurite@$azurite" > "$place/install.log" 2>&1 \
    || fail "Azurite could not be installed; see $place/install.log"
fi

if [ -z "$silo" ]; then
  silo=$root/artifacts/bin/Silo/release/Rollbook.Silo.dll
  echo "Building the silo"
  dotnet build "$root/src/Silo" -c Release -nologo -v quiet
fi

mkdir -p "$data/azurite"
data=$(cd "$data" && pwd)
storage=$data/azurite.txt
node "$place/node_modules/azurite/dist/src/azurite.js" --location "$data/azurite" --skipApiVersionCheck --disableTelemetry --silent \
  --blobHost 127.0.0.1 --blobPort 0 --queueHost 127.0.0.1 --queuePort 0 --tableHost 127.0.0.1 --tablePort 0 > "$storage" 2>&1 &
pids+=($!)
await "${pids[0]}" "$storage" "Azurite Table service is successfully listening" Azurite

endpoint() { sed -n "s/^Azurite $1 service is successfully listening at //p" "$storage"; }

# The key that every emulator has: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
account=devstoreaccount1
key=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
export Rollbook__Azure__ConnectionString="DefaultEndpointsProtocol=http;AccountName=$account;AccountKey=$key;BlobEndpoint=$(endpoint Blob)/$account;TableEndpoint=$(endpoint Table)/$account;"
# A dead silo is found within a few seconds; the defaults are meant for real networks.
export Rollbook__Cluster__Membership__ProbeTimeout=${Rollbook__Cluster__Membership__ProbeTimeout:-00:00:01}

for ((i = 1; i <= count; i++)); do
  at=$((port == 0 ? 0 : port + i - 1))
  behind=$((gateway == 0 ? 0 : gateway + i - 1))
  arguments=(--storage azure --cluster-id local --data "$data/silo$i" --urls "http://127.0.0.1:$at" --gateway-port "$behind")
  [ "$demo" = no ] || arguments+=(--demo --demo-name "demo$i")
  dotnet "$silo" "${arguments[@]}" > "$data/silo$i.txt" 2>&1 &
  pids+=($!)
done

echo
for ((i = 1; i <= count; i++)); do
  await "${pids[i]}" "$data/silo$i.txt" "^Rollbook is ready at" "silo $i"
  echo "silo $i: $(sed -n 's/^Rollbook is ready at \([^ ]*\).*/\1/p' "$data/silo$i.txt")  (process ${pids[i]}, output in $data/silo$i.txt)"
done

echo
[ "$gateway" = 0 ] || echo "C# clients: Rollbook:Client:ClusterId=local, Gateways=$(for ((i = 0; i < count; i++)); do printf '%s127.0.0.1:%s' "$([ "$i" = 0 ] || printf ,)" $((gateway + i)); done)"
echo "Any of them answers for all. Kill one with 'kill -9 PROCESS': its episodes go on at the others. Ctrl+C ends the cluster."
# Until the last silo has ended, or this is told to stop.
for ((i = 1; i <= count; i++)); do wait "${pids[i]}" || true; done
