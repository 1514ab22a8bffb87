namespace Rollbook.Episodes;

/// <summary>What a tail keeps of a label event.</summary>
/// <param name="Id">The hash of its event id.</param>
/// <param name="Hash">The hash of its body.</param>
/// <param name="Add">Labels to set.</param>
/// <param name="Remove">Labels to take away.</param>
internal readonly record struct LabelHead(UInt128 Id, UInt128 Hash, string[] Add, string[] Remove);
