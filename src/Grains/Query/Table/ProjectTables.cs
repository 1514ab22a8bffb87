namespace Rollbook.Query;

/// <summary>The tables of the projects that are asked for, a bounded number of them.</summary>
internal sealed class ProjectTables(IQuerySources sources, QueryOptions options, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = [];
    private bool disposed;

    /// <summary>Takes a project's table for a query. The caller disposes the lease.</summary>
    /// <exception cref="ObjectDisposedException">The process ends.</exception>
    public Lease Take(string project)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!entries.TryGetValue(project, out var entry)) entries[project] = entry = new Entry(new ProjectTable(project, sources, options, time));
            entry.Users++;
            entry.LastUse = time.GetTimestamp();
            return new Lease(this, entry);
        }
    }

    /// <summary>Gives up a project's table, whose engine failed: the next query begins a new one.</summary>
    public void Forget(string project)
    {
        Entry? idle = null;
        lock (gate)
        {
            if (!entries.Remove(project, out var entry)) return;
            entry.Forgotten = true;
            if (entry.Users == 0) idle = entry;
        }

        idle?.Table.Dispose();
    }

    /// <summary>See <see cref="ProjectTable.Outdate"/>; nothing where the project has no table.</summary>
    public void Outdate(string project)
    {
        lock (gate)
            if (entries.TryGetValue(project, out var entry)) entry.Table.Outdate();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        List<Entry> idle;
        lock (gate)
        {
            disposed = true;
            idle = [.. entries.Values.Where(entry => entry.Users == 0)];
            foreach (var (project, entry) in entries.ToList())
                if (entry.Users == 0) entries.Remove(project);
        }

        idle.ForEach(entry => entry.Table.Dispose());
    }

    private void Return(Entry entry)
    {
        var going = new List<Entry>();
        lock (gate)
        {
            entry.Users--;
            if (entry is { Forgotten: true, Users: 0 }) going.Add(entry);
            var limit = disposed ? 0 : options.Tables;
            foreach (var (project, idle) in entries.Where(pair => pair.Value.Users == 0).OrderBy(pair => pair.Value.LastUse).ToList())
            {
                if (entries.Count <= limit) break;
                entries.Remove(project);
                going.Add(idle);
            }
        }

        going.ForEach(idle => idle.Table.Dispose());
    }

    /// <summary>A table that stays open while this is held.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly ProjectTables owner;
        private readonly Entry entry;

        internal Lease(ProjectTables owner, Entry entry) => (this.owner, this.entry) = (owner, entry);

        /// <summary>The table.</summary>
        public ProjectTable Table => entry.Table;

        /// <inheritdoc/>
        public void Dispose() => owner.Return(entry);
    }

    internal sealed class Entry(ProjectTable table)
    {
        public ProjectTable Table => table;

        public int Users { get; set; }

        public long LastUse { get; set; }

        public bool Forgotten { get; set; }
    }
}
