// What Rollbook needs on Azure: a Kubernetes cluster, a storage account that only its identity opens, a registry for its image, and what watches it.
//
//   deploy/azure/deploy.sh RESOURCE_GROUP REGION HOST
targetScope = 'resourceGroup'

@description('Begins every name. 3 to 11 lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'rollbook'

@description('The region. It should have availability zones.')
param location string = resourceGroup().location

@description('Size of the nodes. A silo wants 1 core and 2 GiB at least.')
param nodeSize string = 'Standard_D4ds_v5'

@description('Fewest and most nodes, over three zones.')
@minValue(3)
param fewestNodes int = 3
param mostNodes int = 6

@description('Reach the storage account from the cluster\'s network alone. Costs a private endpoint each for blobs and tables.')
param privateEndpoints bool = false

@description('Log Analytics, managed Prometheus and its alerts.')
param monitoring bool = true

@description('Copies of the storage account: Standard_ZRS survives a zone, Standard_LRS doesn\'t.')
@allowed(['Standard_ZRS', 'Standard_LRS'])
param storageSku string = 'Standard_ZRS'

@description('Namespace and service account that may act as the recorder: those of deploy/k8s/overlays/aks.')
param namespace string = 'rollbook'
param serviceAccount string = 'rollbook'

@description('Object id of the user who may administer the cluster; empty = nobody but those who may already.')
param administratorId string = ''

var unique = uniqueString(resourceGroup().id)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-silo'
  location: location
}

module network 'network.bicep' = {
  params: {
    name: name
    location: location
  }
}

module storage 'storage.bicep' = {
  params: {
    name: take('${name}${unique}', 24)
    location: location
    sku: storageSku
    principalId: identity.properties.principalId
    privateOnly: privateEndpoints
    endpointSubnetId: network.outputs.endpointSubnetId
    networkId: network.outputs.id
  }
}

module cluster 'cluster.bicep' = {
  params: {
    name: name
    location: location
    registryName: take('${name}${unique}', 50)
    nodeSize: nodeSize
    fewestNodes: fewestNodes
    mostNodes: mostNodes
    networkName: network.outputs.name
    subnetName: network.outputs.nodeSubnetName
    administratorId: administratorId
    workspaceId: monitoring ? workspace.id : ''
  }
}

// A pod with this service account gets tokens of the identity, and nobody has a secret.
resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: identity
  name: 'aks'
  properties: {
    issuer: cluster.outputs.issuer
    subject: 'system:serviceaccount:${namespace}:${serviceAccount}'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = if (monitoring) {
  name: '${name}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

module prometheus 'prometheus.bicep' = if (monitoring) {
  params: {
    name: name
    location: location
    clusterName: cluster.outputs.name
  }
}

output clusterName string = cluster.outputs.name
output registry string = cluster.outputs.registry
output registryName string = cluster.outputs.registryName
output accountName string = storage.outputs.accountName
output identityClientId string = identity.properties.clientId
