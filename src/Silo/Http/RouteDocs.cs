using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Rollbook.Silo.Http;

/// <summary>What the OpenAPI document says of a route beyond its types.</summary>
internal static class RouteDocs
{
    private const string ProblemType = "application/problem+json";

    private static readonly Dictionary<string, (JsonSchemaType Type, bool Required, string Text)> Queries = new()
    {
        ["from"] = (JsonSchemaType.Integer, false, "The first ordinal, 0-based. Required for an append."),
        ["writer_epoch"] = (JsonSchemaType.Integer, false, "The writer's epoch from its start or resume; absent = unfenced."),
        ["limit"] = (JsonSchemaType.Integer, false, "At most so many steps, or rows: 100 where it is not given, at most 1,000."),
        ["task"] = (JsonSchemaType.String, false, "Of this task; may be given several times, like all texts."),
        ["variant_id"] = (JsonSchemaType.String, false, "Of this variant."),
        ["worker"] = (JsonSchemaType.String, false, "Of this worker."),
        ["group_id"] = (JsonSchemaType.String, false, "Of this group."),
        ["policy_version"] = (JsonSchemaType.String, false, "Of this policy."),
        ["environment"] = (JsonSchemaType.String, false, "Of this environment."),
        ["status"] = (JsonSchemaType.String, false, "running, completed, superseded, aborted or lost."),
        ["label"] = (JsonSchemaType.String, false, "With this label; given several times, with all of them."),
        ["min_score"] = (JsonSchemaType.Number, false, "With at least this final score."),
        ["max_score"] = (JsonSchemaType.Number, false, "With at most this final score."),
        ["since"] = (JsonSchemaType.String, false, "Begun then or later: Unix seconds or an ISO 8601 time."),
        ["until"] = (JsonSchemaType.String, false, "Begun before."),
        ["order"] = (JsonSchemaType.String, false, "The key; with - before it the greatest first."),
        ["cursor"] = (JsonSchemaType.String, false, "The next_cursor of the page before."),
        ["group_by"] = (JsonSchemaType.String, false, "task, variant_id, worker, group_id, policy_version, environment, status, day; several with commas."),
        ["k"] = (JsonSchemaType.String, false, "The k of pass@k; several with commas."),
        ["threshold"] = (JsonSchemaType.Number, false, "The final score from which on an episode is a success; 1 where it is not given."),
        ["over"] = (JsonSchemaType.String, false, "What pass@k is averaged over: group or task."),
        ["fresh"] = (JsonSchemaType.Boolean, false, "true gives what is recorded now: a query archives it first, a list waits for it."),
        ["abort_running"] = (JsonSchemaType.Boolean, false, "true ends an episode that runs, as aborted, and deletes it."),
        ["steps"] = (JsonSchemaType.Boolean, false, "false leaves the steps out."),
        ["format"] = (JsonSchemaType.String, true, "jsonl, atif, sts, traj, reference or parquet."),
        ["episode_id"] = (JsonSchemaType.String, false, "An episode's id; several times, or several with commas between."),
        ["table"] = (JsonSchemaType.String, false, "Of parquet, which needs it: steps, episodes or scores."),
        ["after"] = (JsonSchemaType.String, false, "Only episodes whose ids are behind this one."),
        ["damaged"] = (JsonSchemaType.String, false, "leave_out: episodes that are damaged where they are stored are left out and named at the end, as of what a filter finds; refuse: they end the export, as named ones do."),
    };

    /// <summary>The statuses with which the route refuses.</summary>
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses) route.ProducesProblem(status, ProblemType);
        return route;
    }

    /// <summary>The kinds of body that the route reads. Not by Accepts: that would refuse a body whose Content-Type is curl's default.</summary>
    public static RouteHandlerBuilder WithBody(this RouteHandlerBuilder route, string text, params string[] types) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = text,
                Required = true,
                Content = types.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = new OpenApiSchema { Description = text } }),
            };
            return Task.CompletedTask;
        });

    /// <summary>The query parameters that the route reads.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, params string[] names) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var name in names)
            {
                var (type, required, text) = Queries[name];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Query,
                    Required = required,
                    Description = text,
                    Schema = new OpenApiSchema { Type = type },
                });
            }

            return Task.CompletedTask;
        });
}
