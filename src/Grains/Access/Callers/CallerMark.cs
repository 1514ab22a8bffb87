using System.Globalization;

namespace Rollbook.Access;

/// <summary>A caller's project and scopes, as they travel with its grain calls.</summary>
internal static class CallerMark
{
    private const string Key = "rollbook.caller";

    /// <summary>Marks all grain calls of this flow of control.</summary>
    public static void Set(Caller caller) => RequestContext.Set(Key, caller.Mark);

    /// <summary>What the current call is marked with; null = nothing, so that it comes from the recorder itself.</summary>
    /// <exception cref="AccessDeniedException">The mark can't be read.</exception>
    public static (AccessScopes Scopes, string Project)? Find()
    {
        if (RequestContext.Get(Key) is not { } mark) return null;
        if (mark is string text && text.IndexOf(' ') is > 0 and var space
            && int.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var scopes))
            return ((AccessScopes)scopes, text[(space + 1)..]);
        throw new AccessDeniedException("The mark of the call's caller can't be read.");
    }
}
