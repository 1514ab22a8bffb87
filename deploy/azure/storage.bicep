// The storage account: the step log and the archive as blobs, headers, registry, loggers and membership as tables. No key opens it, only the identity, and
// the identity opens nothing else in it.
param name string
param location string
param sku string
param principalId string
param privateOnly bool
param endpointSubnetId string
param networkId string

// As Rollbook:Azure and Rollbook:Azure:Blobs name them by default.
var containers = ['rollbook-log', 'rollbook-archive']
var tables = ['OrleansSiloInstances', 'OrleansGrainState', 'RollbookHeaders', 'RollbookLogs']

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
var blobDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var tableDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3')

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateOnly ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: privateOnly ? 'Deny' : 'Allow'
    }
  }
}

// Without soft delete and versions: a log's blobs are written once, and freed once they are packed. They would be paid for twice.
resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: false }
    isVersioningEnabled: false
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for item in containers: {
  parent: blobs
  name: item
  properties: { publicAccess: 'None' }
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = [for item in tables: {
  parent: tableService
  name: item
}]

// On each container and table, not on the account: another one beside them is out of reach.
resource blobRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (item, i) in containers: {
  name: guid(container[i].id, principalId, blobDataContributor)
  scope: container[i]
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataContributor
  }
}]

resource tableRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (item, i) in tables: {
  name: guid(table[i].id, principalId, tableDataContributor)
  scope: table[i]
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: tableDataContributor
  }
}]

module endpoint 'private-endpoint.bicep' = [for kind in ['blob', 'table']: if (privateOnly) {
  params: {
    accountId: account.id
    accountName: name
    kind: kind
    location: location
    subnetId: endpointSubnetId
    networkId: networkId
  }
}]

output accountName string = account.name
