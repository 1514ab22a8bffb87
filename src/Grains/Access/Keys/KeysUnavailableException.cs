namespace Rollbook.Access;

/// <summary>The keys can't be read at the moment, so that nobody is let in; the same request may succeed later.</summary>
internal sealed class KeysUnavailableException(Exception cause) : Exception("The API keys can't be read.", cause);
