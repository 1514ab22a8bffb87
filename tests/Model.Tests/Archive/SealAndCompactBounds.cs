namespace Rollbook.Model.Tests.Archive;

/// <summary>How much may happen in one exploration.</summary>
/// <param name="Terms">The highest term, at most 7: how often the episode is claimed, seals included.</param>
/// <param name="Compactors">How many compact it, 1 or 2.</param>
/// <param name="HasResume">Whether silo 1 may resume the episode, record a step and end it.</param>
/// <param name="HasRead">Whether one read happens, at any time.</param>
internal sealed record SealAndCompactBounds(int Terms, int Compactors, bool HasResume, bool HasRead)
{
    public override string ToString() =>
        $"{Compactors} compactor(s), up to term {Terms}, {(HasResume ? "resumed" : "not resumed")}, {(HasRead ? "read" : "not read")}";
}
