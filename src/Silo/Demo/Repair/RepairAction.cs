namespace Rollbook.Silo.Demo;

/// <summary>What an agent does in the code-repair environment.</summary>
/// <param name="Type"><c>list</c>, <c>read</c>, <c>search</c>, <c>write</c>, <c>run_tests</c> or <c>submit</c>.</param>
/// <param name="Path">The file of a read or write.</param>
/// <param name="Query">The text of a search.</param>
/// <param name="Content">The content of a write.</param>
/// <param name="Thought">Why the agent does it.</param>
internal sealed record RepairAction(string Type, string? Path = null, string? Query = null, string? Content = null, string? Thought = null);
