namespace Rollbook.Doctor;

/// <summary>How one check went.</summary>
internal enum CheckState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but something should be known or mended.</summary>
    Warn,

    /// <summary>It doesn't work.</summary>
    Fail,
}
