using System.Globalization;
using System.Runtime.InteropServices;

namespace Rollbook.Query;

/// <summary>What the kernel lets a worker do, set by itself before it sees the statement. On Linux; elsewhere the engine's walls and the parent's clock remain.</summary>
internal static class WorkerLimits
{
    // Beside the engine's memory: the runtime, the bindings, threads' stacks and the allocator's address space, which is not memory.
    private const long SlackMegabytes = 2048;

    private const int Cpu = 0;
    private const int FileSize = 1;
    private const int Core = 4;
    private const int OpenFiles = 7;
    private const int AddressSpace = 9;

    /// <summary>Takes the limits of a job.</summary>
    /// <exception cref="InvalidOperationException">The kernel refused one.</exception>
    public static void Apply(SqlJob job)
    {
        if (!OperatingSystem.IsLinux()) return;
        var files = job.Episodes.Count + job.SealedSteps.Count + job.PackedSteps.Count + job.Scores.Count;
        Limit(Core, 0);
        Limit(FileSize, 0);
        Limit(OpenFiles, (ulong)files + 512);
        Limit(Cpu, (ulong)job.CpuSeconds);
        Limit(AddressSpace, (ulong)(AddressSpaceNow() + ((job.Megabytes + SlackMegabytes) << 20)));
        SystemCallFilter.Install();
    }

    /// <summary>Bytes of address space that the process has already; the runtime reserves much that it never uses.</summary>
    private static long AddressSpaceNow() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    private static void Limit(int resource, ulong value)
    {
        if (GetLimit(resource, out var limit) != 0) throw new InvalidOperationException($"getrlimit {resource}: error {Marshal.GetLastPInvokeError()}.");
        // Never above what the process was started with.
        value = Math.Min(value, limit.Most);
        limit = new ResourceLimit { Current = value, Most = value };
        if (SetLimit(resource, in limit) != 0) throw new InvalidOperationException($"setrlimit {resource}: error {Marshal.GetLastPInvokeError()}.");
    }

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int GetLimit(int resource, out ResourceLimit limit);

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetLimit(int resource, in ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Most;
    }
}
