namespace Rollbook.Archive;

/// <summary>What is known of a row group without reading it.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="First">The first row's place in the order of the file.</param>
/// <param name="Last">The last row's.</param>
/// <param name="Crc">CRC-32C over the columns that name and date the rows, see <see cref="PackWriter"/>.</param>
internal readonly record struct PackGroup(int Rows, PackKey First, PackKey Last, uint Crc);
