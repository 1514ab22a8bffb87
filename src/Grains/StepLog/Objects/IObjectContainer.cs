namespace Rollbook.StepLog;

/// <summary>
/// A container of an object store: whole objects of plain bytes under names, put where there is none. Azure Blob Storage and every store with a conditional create
/// have it.
/// </summary>
/// <remarks>
/// <para>A <see cref="TimeoutException"/> means that no answer came, or that the store refused for the moment (5xx, 429): the call may have been applied, may be applied
/// later, or never, and the same call again is right. An implementation does not repeat by itself. Every other exception is final, such as a missing container or a refused
/// credential.</para>
/// <para>Names are letters, digits and <c>/ -</c>. An object is there whole or not at all; what a call has created is seen by every later one.</para>
/// <para>A cancelled call may be applied all the same. Buffers are the caller's, unchanged until the call returns.</para>
/// </remarks>
public interface IObjectContainer
{
    /// <summary>Puts an object where there is none, durable when it returns.</summary>
    /// <returns>
    /// False where the store refused for the sake of the condition: mostly since the name is taken, perhaps by an earlier try of the same call. Look what is there; it may be
    /// nothing.
    /// </returns>
    ValueTask<bool> PutNewAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Puts an object, whatever has the name, durable when it returns.</summary>
    ValueTask PutAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>A whole object; null where there is none.</summary>
    ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellation);

    /// <summary>A part of an object.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="offset">Bytes from its start.</param>
    /// <param name="into">Filled as far as the object goes.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>How many bytes were there; null where there is no object.</returns>
    ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> into, CancellationToken cancellation);

    /// <summary>A page of the objects whose names begin with a prefix, ordered by name. What is put or deleted meanwhile may be in it or not.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="page">What the page before said in <see cref="ObjectPage.Next"/>; null = the first one.</param>
    /// <param name="cancellation">Cancels.</param>
    ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellation);

    /// <summary>Deletes an object, if there is one.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancellation);
}
