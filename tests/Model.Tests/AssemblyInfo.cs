using Xunit.Sdk;
using Xunit.v3;

// One model at a time: side by side they would double the memory, and the processor time of each could not be told.
[assembly: Parallelization(Mode = ParallelMode.None)]
