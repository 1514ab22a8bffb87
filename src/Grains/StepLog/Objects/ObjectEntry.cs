namespace Rollbook.StepLog;

/// <summary>An object in a listing.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct ObjectEntry(string Name, long Length);
