using Orleans.Storage;

namespace Rollbook.Azure;

/// <summary>Options of one named grain storage in a table.</summary>
public sealed class AzureTablesGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>The table; null = <see cref="AzureOptions.GrainStateTable"/>. Providers of different names share what lies in one table: a name is no part of the schema.</summary>
    public string? TableName { get; set; }

    /// <summary>Writes what the serializer gives as text (<c>StringData</c>), which tools show, instead of bytes (<c>Data</c>). Both are read. Only for a serializer that gives UTF-8.</summary>
    public bool UseStringFormat { get; set; }

    /// <summary>Turns states into bytes. Filled with the silo's own where it isn't set.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
}
