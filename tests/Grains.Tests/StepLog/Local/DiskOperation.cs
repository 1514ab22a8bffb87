namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>One call to a <see cref="SimulatedDisk"/>, as a crash sees it.</summary>
internal abstract record DiskOperation
{
    internal sealed record Write(SimulatedFile File, long Offset, byte[] Bytes) : DiskOperation;

    internal sealed record Flush(SimulatedFile File) : DiskOperation;

    internal sealed record Create(string Path, SimulatedFile File) : DiskOperation;

    internal sealed record Move(string From, string To, SimulatedFile File) : DiskOperation;

    internal sealed record Delete(string Path) : DiskOperation;

    internal sealed record CreateDirectory(string Path) : DiskOperation;

    internal sealed record FlushDirectory(string Path) : DiskOperation;
}
