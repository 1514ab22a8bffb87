using Rollbook.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Azurite))]
