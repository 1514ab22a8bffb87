namespace Rollbook.StepLog;

/// <summary>An open file of <see cref="IDiskFiles"/>, used by offset from any thread.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads until <paramref name="into"/> is full or the file ends; the count.</summary>
    int Read(Span<byte> into, long offset);

    /// <summary>Writes all of the bytes, not yet durable.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes all writes durable. After an error nothing is known, and it must not be called again.</summary>
    void Flush();

    /// <summary>Tells that its bytes won't be needed soon, so that they need no memory. A hint: reads give the same as before.</summary>
    void Uncache();
}
