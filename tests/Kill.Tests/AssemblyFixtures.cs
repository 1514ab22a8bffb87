using Xunit.Sdk;
using Xunit.v3;

// Each test has a cluster and a load of its own: side by side they would measure and starve each other.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Azurite))]
