using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Rollbook.Testing;

/// <summary>The signals that the tests send.</summary>
internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;
    public static readonly int Stop = OperatingSystem.IsMacOS() ? 17 : 19;

    /// <summary>Sends a signal to a process that this test started.</summary>
    public static void Send(int process, int signal)
    {
        if (SendSignal(process, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill({process}, {signal}) failed");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);
}
