using Rollbook.Embedded;

namespace Rollbook.Testing;

/// <summary>A store in a SQLite database of its own, in a temporary directory.</summary>
/// <param name="make">Makes the store over the open database.</param>
/// <param name="options">Makes the options from the directory; null = the defaults.</param>
public sealed class SqliteSubject<T>(Func<SqliteDatabase, T> make, Func<string, SqliteDatabaseOptions>? options = null) : IStoreSubject<T>
{
    private readonly TempDirectory _directory = new();
    private SqliteDatabase? _database;
    private T? _store;

    /// <summary>The open database.</summary>
    public SqliteDatabase Database =>
        _database ??= new SqliteDatabase(options?.Invoke(_directory.Path) ?? new SqliteDatabaseOptions { Directory = _directory.Path });

    /// <summary>The database's file.</summary>
    public string FilePath => Path.Combine(_directory.Path, SqliteDatabaseOptions.FileName);

    /// <inheritdoc/>
    public T Store => _store ??= make(Database);

    /// <inheritdoc/>
    public void Reopen()
    {
        _database?.Dispose();
        _database = null;
        _store = default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _database?.Dispose();
        _directory.Dispose();
    }
}
