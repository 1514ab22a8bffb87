#!/usr/bin/env bash
# Builds everything once (Release), runs every test, and prints the figures and the counts.
#
#   ./test.sh                  all suites
#   ./test.sh --only PROJECT   one of them: Cli.Tests, Grains.Tests, Client.Python, …; may be repeated
#   ./test.sh --no-build       with what was built before
#
# Needs the .NET 10 SDK and Python 3. strace is installed where it is missing and this may be done; without it, and without
# root for a small file system of their own, a few tests are skipped and say so. So are the tests of Azure Storage without
# Azurite, its emulator, which is installed below artifacts/azurite where Node 18 or newer and npm are there.
#
# Environment, all optional:
#   ROLLBOOK_AZURITE        directory in whose node_modules Azurite lies (default artifacts/azurite)
#   ROLLBOOK_FIGURES        file that collects the measured figures (default artifacts/test-results/figures.txt)
#   ROLLBOOK_REFERENCE      file of the recorder that the Python client is compared with
#   ROLLBOOK_SUITE_SECONDS  longest time of one suite (default 900)
#   ROLLBOOK_T1_KILLS       kills of the crash test under load (default 30)
#
# Of the tests that kill, stop and cut silos of a cluster (Kill.Tests; networks are cut in namespaces, as root with `ip netns`, else skipped):
#   ROLLBOOK_KILL_TESTS=1   runs also those that take minutes, with which all suites are a little over 25 on two processors: ten random kills (ClusterKillTests),
#                           ten stopped silos (ZombieTests), the cost of a death (DeathCostTests); so does --only Kill.Tests
#   ROLLBOOK_T2_KILLS       kills of one of three silos under load (default 10)
#   ROLLBOOK_T9_ZOMBIES     silos that stand still until they are taken for dead (default 10)
#   ROLLBOOK_T10_CUTS       cuts between silos that all reach the storage (default 4)
#   ROLLBOOK_T11_SECONDS    seconds for which a silo that is cut from the storage tries (default 20; the product's default is 60)
#   ROLLBOOK_PYTHON_KILLS   kills under the Python client (default 3)
#   ROLLBOOK_OPEN_EPISODES  open episodes of the silo whose death is counted in operations (default 1000; on stores in memory, in Cluster.Tests, 10000)
#   ROLLBOOK_WRITE_SECONDS  seconds at 2,000 steps/s for which writes are counted (default 10)
#   ROLLBOOK_KILL_PAUSE     milliseconds for which a worker thinks at most between two appends (default 1000; 0: not at all)
#   ROLLBOOK_KILL_SECONDS   longest time of one of these tests (default 600)
#   ROLLBOOK_CLUSTER_DEFAULTS=1  membership, fencing and storage with the product's defaults instead of short times
#   ROLLBOOK_DISTRIBUTED_DIRECTORY=1  the silos keep the grain directory in strongly consistent partitions
#   ROLLBOOK_EXACT_TIMES=1  times may be what is promised and no longer (default: ten times that, or three times, for a machine that other work shares)
#   ROLLBOOK_SILO_OUTPUT    directory that takes what each silo and test of a cluster said (default artifacts/test-results/silos)
set -euo pipefail
cd "$(dirname "$0")"

results=$PWD/artifacts/test-results
suite_seconds=${ROLLBOOK_SUITE_SECONDS:-900}
only=()
build=yes

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --only) only+=("${2:?--only needs the name of a project}"); shift 2 ;;
    --no-build) build=no; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "test.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
done

say() { printf '\n== %s\n' "$*"; }

need() {
  command -v "$1" > /dev/null || { echo "test.sh: $1 is missing: $2" >&2; exit 2; }
}

# Every directory of tests that is a suite: the .NET ones by their project file, the Python one by its name.
suites() {
  local project
  for project in tests/*.Tests; do
    case $project in tests/Crash.Tests | tests/Kill.Tests) ;; *) basename "$project" ;; esac
  done
  echo Client.Python
  # Last: they kill, stop and starve processes, and want both cores.
  echo Crash.Tests
  echo Kill.Tests
}

wanted() {
  local name
  [ ${#only[@]} -gt 0 ] || return 0
  for name in "${only[@]}"; do
    [ "$name" != "$1" ] || return 0
  done
  return 1
}

install_strace() {
  command -v strace > /dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    say "Installing strace"
    (apt-get update -qq && apt-get install -y -qq --no-install-recommends strace) > "$results/strace.log" 2>&1 && return
  fi
  echo "strace is missing and could not be installed: the tests of injected disk errors are skipped."
}

# The last release that runs on Node 18 and 20; newer ones need 22.
azurite=3.35.0

install_azurite() {
  local place=artifacts/azurite
  grep -qs "\"version\": \"$azurite\"" "$place/node_modules/azurite/package.json" && return
  if command -v node > /dev/null && command -v npm > /dev/null; then
    say "Installing Azurite $azurite"
    npm install --prefix "$place" --no-audit --no-fund --no-save --ignore-scripts "azurite@$azurite" > "$results/azurite.log" 2>&1 && return
  fi
  echo "Azurite is missing and could not be installed: the tests of Azure Storage are skipped."
}

# What of a suite is left out where all run; see ROLLBOOK_KILL_TESTS.
left_out() {
  [ "$1" = Kill.Tests ] && [ ${#only[@]} -eq 0 ] && [ "${ROLLBOOK_KILL_TESTS:-}" != 1 ] || return 0
  echo "-class- Rollbook.Kill.Tests.ClusterKillTests -class- Rollbook.Kill.Tests.ZombieTests -class- Rollbook.Kill.Tests.DeathCostTests"
}

# The exit code goes into a file: the report tells a suite that failed from one that never got to its end.
run_suite() {
  local name=$1 code=0
  say "$name"
  if [ "$name" = Client.Python ]; then
    timeout --kill-after=30 "$suite_seconds" \
      python3 tests/Runner/run_unittest.py tests/Client.Python "$results/$name.json" || code=$?
  else
    timeout --kill-after=30 "$suite_seconds" \
      "artifacts/bin/$name/release/Rollbook.$name" -noColor -noLogo -result-xml "$results/$name.xml" $(left_out "$name") || code=$?
  fi
  echo "$code" > "$results/$name.exit"
}

need dotnet "install the .NET 10 SDK, https://dotnet.microsoft.com/download"
need python3 "install Python 3.9 or newer"
all=$(suites)
for name in "${only[@]+"${only[@]}"}"; do
  grep -qx "$name" <<< "$all" || { echo "test.sh: no suite $name; there are:" $all >&2; exit 2; }
done

rm -rf "$results"
mkdir -p "$results"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export ROLLBOOK_FIGURES=${ROLLBOOK_FIGURES:-$results/figures.txt}
export ROLLBOOK_SILO_OUTPUT=${ROLLBOOK_SILO_OUTPUT:-$results/silos}
export ROLLBOOK_SILO_DLL=$PWD/artifacts/bin/Silo/release/Rollbook.Silo.dll
: > "$ROLLBOOK_FIGURES"
case $(stat -f -c %T "${TMPDIR:-/tmp}" 2> /dev/null || true) in
  overlayfs | tmpfs)
    # In a container: no test cuts the power, and a killed process loses nothing that the kernel has.
    export Rollbook__LocalStepLog__AllowUnsafeFileSystem=true
    ;;
esac

if [ "$build" = yes ]; then
  say "Build"
  dotnet build Orleans.sln -c Release -nologo -v quiet
fi
install_strace
install_azurite

for name in $all; do
  if wanted "$name"; then run_suite "$name"; fi
done

say "Results after $SECONDS s"
python3 tests/Runner/report.py "$results" "$ROLLBOOK_FIGURES"
