namespace Rollbook.Export;

/// <summary>A shape in which episodes leave the recorder. What each holds is told in docs/formats.md.</summary>
internal enum ExportFormat
{
    /// <summary>The trajectory of a single-process recorder: its keys and nothing else, an object an episode.</summary>
    Reference,

    /// <summary>A line with the record, then a line a step: all of it.</summary>
    Jsonl,

    /// <summary>An ATIF-v1.8 document an episode: all of it, what ATIF doesn't know in <c>extra</c>.</summary>
    Atif,

    /// <summary>The lines that the trace viewer of the Hugging Face Hub shows.</summary>
    Sts,

    /// <summary>SWE-agent's trajectory.</summary>
    Traj,
}
