using Rollbook.Testing;
using Xunit;

namespace Rollbook.Grains.Tests.Embedded;

public sealed class SqliteGrainStorageTests(GrainStorageCluster silo) : GrainStorageConformance(silo["sqlite"]), IClassFixture<GrainStorageCluster>;
