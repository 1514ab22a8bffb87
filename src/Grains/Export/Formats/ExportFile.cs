namespace Rollbook.Export;

/// <summary>A kind of file.</summary>
/// <param name="Extension">With its dot.</param>
/// <param name="MediaType">Its media type.</param>
internal readonly record struct ExportFile(string Extension, string MediaType);
