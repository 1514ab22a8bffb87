using Rollbook.Embedded;
using Rollbook.Episodes;
using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Embedded;

public sealed class SqliteHeaderStoreTests() : HeaderStoreConformance(new SqliteSubject<IHeaderStore>(db => new SqliteHeaderStore(db)));

public sealed class MemoryHeaderStoreTests() : HeaderStoreConformance(new MemorySubject<IHeaderStore>(new MemoryHeaderStore(1)));
