using System.Globalization;
using Rollbook.StepLog;

namespace Rollbook.Doctor;

/// <summary>Looks at a data directory from the silo that uses it, or from the command line. Writes nothing.</summary>
/// <param name="path">The directory, which exists.</param>
internal sealed class DataDirectory(string path)
{
    private const long MiB = 1 << 20;

    // A log reserves the next segment while it fills one; below that a recorder of two segments (64 MiB each) soon answers "busy".
    private const long FailBelow = 128 * MiB;
    private const long WarnBelow = 1024 * MiB;

    private static readonly UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Whether its file system promises what an acknowledgement needs.</summary>
    public Check FileSystem()
    {
        var format = new DriveInfo(path).DriveFormat;
        return DataDirectoryCheck.IsUnsafe(format)
            ? new Check(
                "file_system", CheckState.Warn, $"'{format}' does not promise that acknowledged steps survive a power cut",
                "Put the directory on a local disk (in a container: on a volume). The recorder starts here only with Rollbook__LocalStepLog__AllowUnsafeFileSystem=true.")
            : new Check("file_system", CheckState.Ok, format);
    }

    /// <summary>How much room is left above what is never taken.</summary>
    /// <param name="reserve">The bytes that are never taken; 0 where they are not known.</param>
    public Check Space(long reserve)
    {
        var drive = new DriveInfo(path);
        var room = drive.AvailableFreeSpace - reserve;
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{GiB(drive.AvailableFreeSpace):0.0} GiB free of {GiB(drive.TotalSize):0.0} GiB{(reserve > 0 ? $", {reserve / MiB} MiB of it kept in reserve" : "")}");
        const string Cure = "Free some, or move the directory to a larger disk. When it is full, the recorder answers 429 and goes on by itself once there is room.";
        return room < FailBelow ? new Check("space", CheckState.Fail, text, Cure)
            : room < WarnBelow ? new Check("space", CheckState.Warn, text, Cure)
            : new Check("space", CheckState.Ok, text);
    }

    /// <summary>Who else may read and delete what is recorded.</summary>
    public Check Permissions()
    {
        if (OperatingSystem.IsWindows()) return new Check("permissions", CheckState.Ok, "not looked at on Windows");
        var mode = File.GetUnixFileMode(path);
        var octal = Convert.ToString((int)mode & 511, 8);
        if ((mode & UnixFileMode.OtherWrite) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            return new Check("permissions", CheckState.Fail, $"everybody on this machine can delete what is recorded (mode {octal})", $"chmod o-w '{path}'");
        return (mode & Others) != 0
            ? new Check("permissions", CheckState.Warn, $"other users of this machine can read what is recorded (mode {octal})", $"chmod 700 '{path}', if they are not meant to")
            : new Check("permissions", CheckState.Ok, $"only its owner can read it (mode {octal})");
    }

    private static double GiB(long bytes) => bytes / (double)(1 << 30);
}
