#!/usr/bin/env bash
# Makes what is installed elsewhere: the recorder and the command line with their own runtime, so that the machine needs no .NET.
#
#   deploy/package.sh tarball     artifacts/package/rollbook-{version}-{runtime}.tar.gz, its bill of materials beside it, and for each a .sha256
#   deploy/package.sh directory   the same as a directory; the bill of materials in it is rollbook.cdx.json
#   deploy/package.sh image       an image, by the SDK alone: to a registry, or as a file for docker load
#
# Options:
#   --runtime RID      linux-x64 (default) or linux-arm64
#   --output PATH      where to: a directory; for an image the file (default artifacts/package)
#   --registry HOST    push the image there instead of writing a file
#   --tag TAG          the image's tag (default: the version)
#   --no-r2r           leave the code for the start to compile: smaller, builds faster, starts slower
#
# Needs the .NET 10 SDK. An image also needs its base image's registry (mcr.microsoft.com).
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }

what=${1:-}
case $what in
  tarball | directory | image) shift ;;
  -h | --help) usage; exit 0 ;;
  *) echo "package.sh: say what to make: tarball, directory or image" >&2; usage >&2; exit 2 ;;
esac

runtime=linux-x64
output=
registry=
tag=
r2r=true
while [ $# -gt 0 ]; do
  case $1 in
    --runtime) runtime=${2:?--runtime needs a value}; shift 2 ;;
    --output) output=${2:?--output needs a value}; shift 2 ;;
    --registry) registry=${2:?--registry needs a value}; shift 2 ;;
    --tag) tag=${2:?--tag needs a value}; shift 2 ;;
    --no-r2r) r2r=false; shift ;;
    *) echo "package.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
case $runtime in
  linux-x64 | linux-arm64) ;;
  *) echo "package.sh: no package for $runtime: linux-x64 or linux-arm64" >&2; exit 2 ;;
esac

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
export DOTNET_NOLOGO=1
# Apart from what the tests run, since a build for one runtime has other intermediate files.
build=$PWD/artifacts/package/build-$runtime
common=(-c Release -r "$runtime" --self-contained true -v quiet -p:RestoreLockedMode=true -p:ArtifactsPath="$build" -p:PublishReadyToRun=$r2r -p:DebugType=none -p:GenerateDocumentationFile=false)

# Both into one directory: they share the runtime and most of their assemblies. Of an assembly that both have the recorder's is taken, which is the newer one or the
# same; the bill of materials is not made where it isn't.
publish() {
  rm -rf "$build/silo"
  dotnet publish src/Cli "${common[@]}" -o "$1"
  dotnet publish src/Silo "${common[@]}" -o "$build/silo"
  cp -a "$build/silo/." "$1/"
  cp LICENSE "$1/"
  cp deploy/rollbook.service "$1/"
  dotnet run --project deploy/Sbom -c Release -v quiet -p:ArtifactsPath="$build" -- "$1" "$version"
}

case $what in
  directory)
    output=${output:-artifacts/package/rollbook-$version-$runtime}
    publish "$output"
    ;;
  tarball)
    output=${output:-artifacts/package}
    name=rollbook-$version-$runtime
    mkdir -p "$output"
    staged=$(mktemp -d "$output/.staged.XXXXXX")
    trap 'rm -rf "$staged"' EXIT
    publish "$staged/$name"
    # The same input gives the same archive, whoever makes it and when.
    tar --sort=name --mtime='2000-01-01 00:00Z' --owner=0 --group=0 --numeric-owner -C "$staged" -cf - "$name" | gzip -n > "$output/$name.tar.gz"
    cp "$staged/$name/rollbook.cdx.json" "$output/$name.cdx.json"
    # One each: whoever fetches only one of them can check it.
    for each in "$name.tar.gz" "$name.cdx.json"; do (cd "$output" && sha256sum "$each" > "$each.sha256"); done
    echo "$output/$name.tar.gz"
    ;;
  image)
    where=(-p:ContainerArchiveOutputPath="${output:-artifacts/package/rollbook-$version-$runtime-image.tar.gz}")
    if [ -n "$registry" ]; then where=(-p:ContainerRegistry="$registry"); fi
    dotnet publish src/Silo "${common[@]}" /t:PublishContainer -p:ContainerImageTag="${tag:-$version}" "${where[@]}"
    ;;
esac
