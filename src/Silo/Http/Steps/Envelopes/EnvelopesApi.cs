using Rollbook.Access;
using Rollbook.Episodes;

namespace Rollbook.Silo.Http;

/// <summary>Steps of many episodes in one request.</summary>
internal static class EnvelopesApi
{
    /// <summary>Maps the route.</summary>
    public static void MapEnvelopes(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/steps", AppendAsync).WithTags("Steps").WithName("AppendStepsToMany").Requires(AccessScopes.Ingest)
            .WithSummary("Records steps of up to 1,000 episodes, durably, each exactly once.")
            .WithDescription("NDJSON, one step a line: `{\"episode_id\", \"ordinal\", \"writer_epoch\"?, \"step\"}`; an episode's lines stand together, in the order of their ordinals. "
                + "The answer is NDJSON too, a line an episode as each completes: `{\"episode_id\", \"next_ordinal\", \"duplicates\"}`, or `{\"episode_id\", \"code\", \"retry\", \"detail\", \"expected\"?, \"pointer\"?, \"line\"?}`. "
                + "One episode's refusal fails no other. An episode that the answer doesn't name has an unknown outcome: send it again.")
            .WithBody("One envelope a line. Put step last: whose it is must be known even where it is not JSON.", StepsApi.Ndjson)
            .Produces(200, contentType: StepsApi.Ndjson).WithProblems(400, 413, 415, 429, 503);

    private static async Task<IResult> AppendAsync(
        HttpContext http, EpisodeAppends episodes, BodyReader bodies, ReceiveClock clock, TimeProvider time, ILogger<EnvelopeAppends> log)
    {
        List<EpisodeSteps> parts;
        using (var body = await bodies.ReadAsync(http, BodyLimit.Steps))
        {
            parts = EnvelopeBatch.Read(body.Span, clock.Now());
        }

        // From here on the caller's going away changes nothing.
        var appends = new EnvelopeAppends(episodes, CallerProject.Of(http), log);
        appends.Start(parts);
        return new EnvelopeReply(parts, appends.Outcomes, time);
    }
}
