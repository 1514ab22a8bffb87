namespace Rollbook.StepLog;

/// <summary>Tells "no room" from all other errors of a file system.</summary>
internal static class DiskFull
{
    private const int FileTooBig = 27;
    private const int NoSpace = 28;
    private const int QuotaOnLinux = 122;
    private const int QuotaOnMac = 69;
    private const int FullOnWindows = unchecked((int)0x80070070);

    /// <summary>ENOSPC, EDQUOT or EFBIG; the runtime turns the last one into an argument error.</summary>
    public static bool Is(Exception error) => error switch
    {
        ArgumentOutOfRangeException => true,
        IOException io => io.HResult is FileTooBig or NoSpace or FullOnWindows
            || io.HResult == (OperatingSystem.IsMacOS() ? QuotaOnMac : QuotaOnLinux),
        _ => false,
    };
}
