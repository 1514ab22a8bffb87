using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.StepLog.Objects;

public sealed class MemoryObjectContainerTests() : ObjectContainerConformance(new MemoryObjectContainer { PageSize = 2 });

public sealed class ObjectStepLogStorageTests() : StepLogStorageConformance(ObjectDevices.Log(new MemoryObjectContainer()));

public sealed class ObjectLogIndexStoreTests() : LogIndexStoreConformance(ObjectDevices.Indexes(new MemoryObjectContainer()));

/// <summary>The laws hold while calls fail, are applied late or twice, and are refused for no reason.</summary>
public sealed class ObjectStepLogStorageWithFaultsTests() : StepLogStorageConformance(ObjectDevices.Log(ObjectDevices.Faulty(1)));

public sealed class ObjectLogIndexStoreWithFaultsTests() : LogIndexStoreConformance(ObjectDevices.Indexes(ObjectDevices.Faulty(2)));
