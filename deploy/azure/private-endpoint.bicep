// Brings one service of the storage account into the network, under its usual name.
param accountId string
param accountName string
param kind string
param location string
param subnetId string
param networkId string

resource endpoint 'Microsoft.Network/privateEndpoints@2024-01-01' = {
  name: '${accountName}-${kind}'
  location: location
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: kind
        properties: {
          privateLinkServiceId: accountId
          groupIds: [kind]
        }
      }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: 'privatelink.${kind}.${environment().suffixes.storage}'
  location: 'global'
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: zone
  name: accountName
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-01-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: kind
        properties: { privateDnsZoneId: zone.id }
      }
    ]
  }
}
