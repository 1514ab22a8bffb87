namespace Rollbook.Grains.Tests.StepLog.Local;

/// <summary>A file's bytes, whatever its name is.</summary>
internal sealed class SimulatedFile
{
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var end = (int)offset + bytes.Length;
        if (end > _bytes.Length) Array.Resize(ref _bytes, Math.Max(end, 2 * _bytes.Length));
        if (end > Length) Length = end;
        bytes.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void Truncate(int length)
    {
        Array.Resize(ref _bytes, length);
        Length = length;
    }
}
