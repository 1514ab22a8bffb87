namespace Rollbook.Silo.Demo;

/// <summary>A file is not a program of the demo's language; the message names file and line.</summary>
internal sealed class MiniSyntaxException(string path, int line, string message)
    : Exception($"syntax error: {path}:{line}: {message}");
