using System.Buffers;

namespace Rollbook.Steps;

/// <summary>
/// Where entries are written. One array for a whole request, sized beforehand; it is given away with the steps, so it is
/// neither pooled nor written again.
/// </summary>
internal sealed class StepBuffer(int capacity) : IBufferWriter<byte>
{
    private byte[] array = GC.AllocateUninitializedArray<byte>(capacity);

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return array.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return array.AsSpan(Length);
    }

    /// <summary>Takes back what was written behind the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        Length = length;
    }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => array.AsSpan(0, Length);

    /// <summary>The same, until it begins anew.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => array.AsMemory(0, Length);

    /// <summary>Bytes that it holds room for.</summary>
    public int Capacity => array.Length;

    /// <summary>Begins anew in the same array. Not after <see cref="Take"/>: the bytes were given away.</summary>
    public void Clear() => Length = 0;

    /// <summary>Gives the bytes away; a mostly empty array is cut first.</summary>
    public ReadOnlyMemory<byte> Take() =>
        Length < array.Length / 2 ? array.AsSpan(0, Length).ToArray() : array.AsMemory(0, Length);

    private void Reserve(int size)
    {
        if (array.Length - Length >= size) return;
        var grown = GC.AllocateUninitializedArray<byte>(Math.Max(Length + size, array.Length + (array.Length / 2)));
        array.AsSpan(0, Length).CopyTo(grown);
        array = grown;
    }
}
