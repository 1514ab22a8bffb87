using Rollbook.StepLog;

namespace Rollbook.Testing;

/// <summary>The object device over a container.</summary>
public static class ObjectDevices
{
    /// <summary>The device as a conformance suite takes it.</summary>
    public static IStoreSubject<IStepLogStorage> Log(IObjectContainer container) =>
        new ContainerSubject<IStepLogStorage>(container, static c => new ObjectStepLogStorage(c, new ObjectStepLogOptions(), TimeProvider.System, 1));

    /// <summary>The index store as a conformance suite takes it.</summary>
    public static IStoreSubject<ILogIndexStore> Indexes(IObjectContainer container) =>
        new ContainerSubject<ILogIndexStore>(container, static c => new ObjectLogIndexStore(c, new ObjectStepLogOptions(), TimeProvider.System, 1));

    /// <summary>A store that fails now and then, for tests in real time.</summary>
    public static IObjectContainer Faulty(int seed) =>
        new FaultyObjectContainer(new MemoryObjectContainer { PageSize = 100 }, new Random(seed), TimeProvider.System, TaskScheduler.Default) { Faults = ObjectFaults.Quick };
}
