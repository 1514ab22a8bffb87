using Rollbook.Testing;

namespace Rollbook.Grains.Tests.Azure;

public sealed class AzureHeaderStoreTests(Azurite azurite) : HeaderStoreConformance(AzureStores.Headers(azurite));

public sealed class AzureLogRegistryTests(Azurite azurite) : LogRegistryConformance(AzureStores.Registry(azurite));

public sealed class AzureGrainStorageTests(Azurite azurite) : GrainStorageConformance(AzureStores.State(azurite));

public sealed class AzureMembershipTests(Azurite azurite) : MembershipConformance(AzureStores.Membership(azurite));
