namespace Rollbook.Access;

/// <summary>Who a request comes from, as its credential says.</summary>
/// <param name="Name">For the audit log: <c>key:{id}</c>, <c>jwt:{subject}</c> or <c>anyone</c>.</param>
/// <param name="Project">The project that its calls act in.</param>
/// <param name="Scopes">What it may do there.</param>
/// <param name="AllProjects">Whether it administers every project, not only its own.</param>
internal sealed record Caller(string Name, string Project, AccessScopes Scopes, bool AllProjects)
{
    /// <summary>The caller of a recorder that asks for no credentials.</summary>
    public static readonly Caller Anyone = new("anyone", EpisodeKey.DefaultProject, AccessScopes.All, true);

    /// <summary>The caller of a route that is open to all.</summary>
    public static readonly Caller Nobody = new("nobody", EpisodeKey.DefaultProject, AccessScopes.None, false);

    /// <summary>Its own limit of requests a second; null = the recorder's.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>Its own limit of body bytes a second; null = the recorder's.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>What travels with grain calls: the scopes as a number, then the project.</summary>
    public string Mark { get; } = $"{(int)Scopes} {Project}";

    /// <summary>Of a credential whose project may be <see cref="ProjectName.All"/>.</summary>
    public static Caller Of(string name, string project, AccessScopes scopes) => project == ProjectName.All
        ? new Caller(name, EpisodeKey.DefaultProject, scopes, true)
        : new Caller(name, project, scopes, false);

    /// <summary>Whether it has one of these scopes.</summary>
    public bool HasAny(AccessScopes scopes) => (Scopes & scopes) != 0;

    /// <summary>Whether it may manage what belongs to a project.</summary>
    public bool Manages(string project) => AllProjects || project == Project;
}
