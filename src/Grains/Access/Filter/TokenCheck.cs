namespace Rollbook.Access;

/// <summary>Tells whose an issuer's token is, as it is told over HTTP.</summary>
/// <param name="token">The token; of any content and length.</param>
/// <exception cref="AccessDeniedException">It is not accepted, or not any more.</exception>
/// <remarks>Any other exception means that it can't be told at the moment; the same may succeed later.</remarks>
internal delegate ValueTask<Caller> TokenCheck(ReadOnlyMemory<char> token);
