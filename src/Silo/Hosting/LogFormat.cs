namespace Rollbook.Silo.Hosting;

/// <summary>How log lines are written.</summary>
public enum LogFormat
{
    /// <summary>For people: time, level, category and sentence, one line each.</summary>
    Text,

    /// <summary>For machines: one JSON object a line.</summary>
    Json,
}
