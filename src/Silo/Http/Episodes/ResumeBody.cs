namespace Rollbook.Silo.Http;

/// <summary>The body of a resume.</summary>
internal static class ResumeBody
{
    /// <summary>Reads it.</summary>
    /// <exception cref="BadJsonException">It is not what it should be.</exception>
    public static ResumeEpisode Read(EpisodeKey key, ReadOnlySpan<byte> body)
    {
        var fields = JsonFields.Read(body, "worker", "writer", "takeover");
        return new ResumeEpisode
        {
            Project = key.Project,
            EpisodeId = key.Id,
            Worker = PathNames.WorkerField("worker", JsonFields.Required("worker", fields.Text("worker"))),
            Writer = StartBody.WriterField(fields),
            Takeover = fields.Flag("takeover"),
        };
    }
}
