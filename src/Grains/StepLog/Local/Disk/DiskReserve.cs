namespace Rollbook.StepLog;

/// <summary>Keeps a part of the disk free, so that a recorder that ran full can still be stopped, read and cleaned up.</summary>
internal sealed class DiskReserve(string directory, long? bytes)
{
    private const long DefaultBytes = 512L << 20;
    private const double DefaultShare = 0.02;

    /// <summary>Bytes of the disk that nobody else took.</summary>
    public long Free => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Bytes that are never taken.</summary>
    public long Bytes => Of(new DriveInfo(directory));

    /// <summary>Throws where taking this many bytes would eat into the reserve.</summary>
    /// <exception cref="StorageFullException">It would.</exception>
    public void Check(long wanted)
    {
        if (bytes == 0) return;
        var disk = new DriveInfo(directory);
        var reserve = Of(disk);
        var free = disk.AvailableFreeSpace;
        if (free - wanted >= reserve) return;
        throw new StorageFullException(
            $"The disk of '{directory}' has {free >> 20} MiB free: {wanted >> 20} MiB more would leave less than the reserve of {reserve >> 20} MiB. "
            + $"Free some space, or lower {nameof(LocalStepLogOptions.DiskReserveBytes)}.");
    }

    private long Of(DriveInfo disk) => bytes ?? Math.Min(DefaultBytes, (long)(disk.TotalSize * DefaultShare));
}
