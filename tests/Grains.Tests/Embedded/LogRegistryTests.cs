using Rollbook.Embedded;
using Rollbook.StepLog;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Embedded;

public sealed class SqliteLogRegistryTests() : LogRegistryConformance(new SqliteSubject<ILogRegistry>(db => new SqliteLogRegistry(db)));

public sealed class MemoryLogRegistryTests() : LogRegistryConformance(new MemorySubject<ILogRegistry>(new MemoryLogRegistry(1)));
