// Managed Prometheus: where metrics go, and the alerts of deploy/prometheus.
param name string
param location string
param clusterName string

var groups = loadYamlContent('../prometheus/rollbook-rules.yaml').groups

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' existing = {
  name: clusterName
}

resource metrics 'Microsoft.Monitor/accounts@2023-04-03' = {
  name: '${name}-metrics'
  location: location
}

resource endpoint 'Microsoft.Insights/dataCollectionEndpoints@2023-03-11' = {
  name: '${name}-metrics'
  location: location
  kind: 'Linux'
  properties: {}
}

resource collection 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: '${name}-metrics'
  location: location
  kind: 'Linux'
  properties: {
    dataCollectionEndpointId: endpoint.id
    dataSources: {
      prometheusForwarder: [
        {
          name: 'prometheus'
          streams: ['Microsoft-PrometheusMetrics']
          labelIncludeFilter: {}
        }
      ]
    }
    destinations: {
      monitoringAccounts: [
        {
          name: 'metrics'
          accountResourceId: metrics.id
        }
      ]
    }
    dataFlows: [
      {
        streams: ['Microsoft-PrometheusMetrics']
        destinations: ['metrics']
      }
    ]
  }
}

resource association 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: '${name}-metrics'
  scope: cluster
  properties: { dataCollectionRuleId: collection.id }
}

resource alerts 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = [for group in groups: {
  name: group.name
  location: location
  properties: {
    enabled: true
    clusterName: clusterName
    interval: 'PT1M'
    scopes: [metrics.id]
    rules: [for rule in group.rules: {
      alert: rule.alert
      expression: rule.expr
      for: contains(rule, 'for') ? 'PT${toUpper(rule.for)}' : 'PT0M'
      severity: rule.labels.severity == 'critical' ? 1 : 3
      labels: rule.labels
      annotations: rule.annotations
      enabled: true
      resolveConfiguration: {
        autoResolved: true
        timeToResolve: 'PT10M'
      }
    }]
  }
}]
