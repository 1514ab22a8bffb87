namespace Rollbook.Hosting;

/// <summary>What the process does when its log or database failed: a silo that can't write must not hold activations.</summary>
/// <param name="Handle">Called once with the reason.</param>
public sealed record PoisonHandler(Action<Exception> Handle);
