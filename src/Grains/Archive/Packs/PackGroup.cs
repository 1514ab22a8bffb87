namespace Rollbook.Archive;

/// <summary>What is known of a row group without reading it.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="First">The first row's place in the order of the file.</param>
/// <param name="Last">The last row's.</param>
/// <param name="Crcs">CRC-32C of each column that <see cref="PackGroups.Proved"/> names.</param>
internal sealed record PackGroup(int Rows, PackKey First, PackKey Last, uint[] Crcs);
