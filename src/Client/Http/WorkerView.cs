namespace Rollbook.Client;

/// <summary>The four shapes in which a worker's episodes are read.</summary>
public enum WorkerView
{
    /// <summary>The current episode, else the last ended one, with its steps; JSON null where there is none.</summary>
    Trajectory,

    /// <summary>The actions alone, to be played again.</summary>
    ReplayActions,

    /// <summary>One short row per step.</summary>
    Timeline,

    /// <summary>One row per ended episode.</summary>
    History,
}
