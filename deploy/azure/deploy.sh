#!/usr/bin/env bash
# Brings Rollbook to Azure with one command, and brings it up to date with the same one.
#
#   deploy/azure/deploy.sh RESOURCE_GROUP REGION HOST [name=value …]
#
# HOST is the name that clients use; its address record and its certificate (secret rollbook-tls) are yours to make. What follows are parameters of
# main.bicep, such as privateEndpoints=true. Needs: az (signed in, with the right to assign roles), kubectl, kubelogin. Takes ten to twenty minutes the first time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

die() { echo "deploy.sh: $*" >&2; exit 2; }
step() { printf '\n[%s/6] %s\n' "$1" "$2"; }
need() { command -v "$1" > /dev/null || die "$1 is missing: $2"; }

if [ $# -lt 3 ]; then sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; fi
group=$1 region=$2 host=$3
shift 3
[[ $host =~ ^[a-z0-9.-]+$ ]] || die "'$host' is no host name"
need az "https://learn.microsoft.com/cli/azure/install-azure-cli"
need kubectl "az aks install-cli"
need kubelogin "az aks install-cli"
az account show > /dev/null 2>&1 || die "nobody is signed in: az login"

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
# A tag of its own for every tree: a deployment that names an older image keeps what it has.
tag=$version-$(git -C "$root" rev-parse --short HEAD 2> /dev/null || date -u +%Y%m%d%H%M%S)

step 1 "Resource group $group in $region"
az group create --name "$group" --location "$region" --output none

step 2 "Cluster, storage account, identity, registry, monitoring"
administrator=$(az ad signed-in-user show --query id --output tsv 2> /dev/null || true)
az deployment group create --resource-group "$group" --name rollbook --template-file "$here/main.bicep" \
  --parameters administratorId="$administrator" "$@" --output none
output() { az deployment group show --resource-group "$group" --name rollbook --query "properties.outputs.$1.value" --output tsv; }
cluster=$(output clusterName) registry=$(output registry) registry_name=$(output registryName)
account=$(output accountName) client=$(output identityClientId)

step 3 "Image rollbook:$tag, built in the registry"
az acr build --registry "$registry_name" --image "rollbook:$tag" --file "$root/deploy/Dockerfile" "$root" --output none

step 4 "Credentials of the cluster $cluster"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KUBECONFIG=$work/kubeconfig
az aks get-credentials --resource-group "$group" --name "$cluster" --file "$KUBECONFIG" --output none
kubelogin convert-kubeconfig -l azurecli

step 5 "Manifests, filled in"
cp -r "$root/deploy/k8s" "$work/k8s"
overlay=$work/k8s/overlays/aks
sed -i \
  -e "s|^PUBLIC_HOST=.*|PUBLIC_HOST=$host|" \
  -e "s|^IDENTITY_CLIENT_ID=.*|IDENTITY_CLIENT_ID=$client|" \
  -e "s|^Rollbook__Azure__AccountName=.*|Rollbook__Azure__AccountName=$account|" "$overlay/azure.env"
sed -i -e "s|newName: .*|newName: $registry/rollbook|" -e "s|newTag: .*|newTag: $tag|" "$overlay/kustomization.yaml"
kubectl apply -k "$overlay"

step 6 "The rollout: one silo after another"
kubectl --namespace rollbook rollout status deployment/rollbook --timeout 15m
address=$(kubectl --namespace rollbook get ingress rollbook --output 'jsonpath={.status.loadBalancer.ingress[0].ip}')
cat <<END

Rollbook runs. Let $host point to ${address:-"the address that 'kubectl -n rollbook get ingress' shows in a minute"}.
The administrator's key was printed once, by the first silo that started:
  kubectl -n rollbook logs -l app.kubernetes.io/name=rollbook --tail=-1 | grep "administrator's key"
Then: rollbook doctor --url https://$host
END
