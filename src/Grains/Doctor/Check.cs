namespace Rollbook.Doctor;

/// <summary>One look at whether something is as it should be.</summary>
/// <param name="Name">What was looked at; stable across releases, for scripts.</param>
/// <param name="State">How it went.</param>
/// <param name="Text">What was found.</param>
/// <param name="Cure">What to do; null where nothing is to be done.</param>
internal sealed record Check(string Name, CheckState State, string Text, string? Cure = null);
