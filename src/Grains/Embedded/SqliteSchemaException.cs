namespace Rollbook.Embedded;

/// <summary>The file is not a database that this release can use; its message names the cure.</summary>
public sealed class SqliteSchemaException(string message) : IOException(message);
