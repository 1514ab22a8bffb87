using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.StepLog.Memory;

public sealed class MemoryStepLogStorageTests() : StepLogStorageConformance(new MemorySubject<IStepLogStorage>(new MemoryStepLogStorage()));

public sealed class MemoryLogIndexStoreTests() : LogIndexStoreConformance(new MemorySubject<ILogIndexStore>(new MemoryLogIndexStore()));
