namespace Rollbook.StepLog;

/// <summary>This start of this machine.</summary>
public static class HostBoot
{
    private const string LinuxPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>The kernel's boot id; the machine's name where the system has none.</summary>
    public static string Id { get; } = File.Exists(LinuxPath) ? File.ReadAllText(LinuxPath).Trim() : Environment.MachineName;
}
