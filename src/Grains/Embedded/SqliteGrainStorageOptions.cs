using Orleans.Storage;

namespace Rollbook.Embedded;

/// <summary>Options of one named grain storage in the embedded database.</summary>
public sealed class SqliteGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Turns states into bytes. Filled with the silo's own where it isn't set.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
}
