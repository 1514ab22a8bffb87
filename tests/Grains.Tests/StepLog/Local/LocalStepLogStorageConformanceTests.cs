using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.StepLog.Local;

public sealed class LocalStepLogStorageConformanceTests()
    : StepLogStorageConformance(LocalSubject.Of<IStepLogStorage>(options => new LocalStepLogStorage(options)));

public sealed class LocalLogIndexStoreConformanceTests()
    : LogIndexStoreConformance(LocalSubject.Of<ILogIndexStore>(options => new LocalLogIndexStore(options)));
