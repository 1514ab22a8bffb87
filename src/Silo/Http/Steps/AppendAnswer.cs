using System.ComponentModel;

namespace Rollbook.Silo.Http;

/// <summary>The acknowledgement of an append.</summary>
internal sealed record AppendAnswer(
    [property: Description("from + the steps sent.")] long NextOrdinal,
    [property: Description("How many of them were recorded before.")] int Duplicates);
