// The network of the nodes, and a subnet for private endpoints.
param name string
param location string

resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: name
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.224.0.0/12'] }
    subnets: [
      {
        name: 'nodes'
        properties: { addressPrefix: '10.224.0.0/16' }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.225.0.0/24'
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}

output id string = network.id
output name string = network.name
output nodeSubnetName string = network.properties.subnets[0].name
output endpointSubnetId string = network.properties.subnets[1].id
