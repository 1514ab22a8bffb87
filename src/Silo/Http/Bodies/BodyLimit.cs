namespace Rollbook.Silo.Http;

/// <summary>How large a route's bodies may be, and what its caller does with a larger one.</summary>
/// <param name="Bytes">The most, raw and decompressed alike.</param>
/// <param name="Cure">What to do, a sentence.</param>
internal sealed record BodyLimit(int Bytes, string Cure)
{
    /// <summary>Bodies with steps.</summary>
    public static readonly BodyLimit Steps = new(BodyReader.MaxBytes, "Send the steps in several requests.");

    /// <summary>Bodies with scores of many episodes.</summary>
    public static readonly BodyLimit Scores = new(BodyReader.MaxBytes, "Send the scores in several requests.");

    /// <summary>All others: one object, which can't be sent in parts.</summary>
    public static readonly BodyLimit Small = new(BodyReader.MaxSmallBytes, "Shorten what it holds.");

    /// <summary>The sentence that names the limit.</summary>
    public string Text => $"The limit is {Bytes:N0} bytes for the body of this request, as sent and decompressed. {Cure}";
}
