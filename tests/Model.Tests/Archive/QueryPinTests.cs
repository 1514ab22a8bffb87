using Rollbook.Model.Tests.Explorer;
using Xunit;

namespace Rollbook.Model.Tests.Archive;

/// <summary>Queries: with all rules each episode and each score is counted once, and no rule can be left out.</summary>
public sealed class QueryPinTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(QueryPinModel.MostChunks)]
    public void Model_WhenAllRulesHold_BreaksNoPromise(int chunks) => Check.Exhausts(new QueryPinModel(QueryPinRules.All, chunks), $"{chunks} chunks a log");

    [Theory]
    [InlineData(nameof(QueryPinRules.OneVersion), "a query lacks an acknowledged episode, or its newest row")]
    [InlineData(nameof(QueryPinRules.ForgetOnlyPublished), "a query begins again without a newer version to pin")]
    [InlineData(nameof(QueryPinRules.ForgottenMeansPinAgain), "a query lacks an acknowledged episode, or its newest row")]
    [InlineData(nameof(QueryPinRules.NothingBelowThePin), "a query counts a score twice")]
    [InlineData(nameof(QueryPinRules.HandedOverIsKept), "a query lacks an acknowledged episode, or its newest row")]
    [InlineData(nameof(QueryPinRules.NewestWins), "a query counts an episode twice")]
    [InlineData(nameof(QueryPinRules.LogsBeforeManifest), "a query lacks an acknowledged score")]
    [InlineData(nameof(QueryPinRules.RetiredMeansPinAgain), "a query lacks an acknowledged episode, or its newest row")]
    public void Model_WhenARuleIsMissing_BreaksAPromise(string rule, string promise) =>
        Check.Breaks(new QueryPinModel(QueryPinRules.All & ~Enum.Parse<QueryPinRules>(rule), QueryPinModel.MostChunks), rule, promise);

    [Fact]
    public void Model_ReachesAQueryThatBeginsAgain() => Check.Reaches(
        new QueryPinModel(QueryPinRules.All, QueryPinModel.MostChunks),
        state => state.Query.Step == QueryStep.Pinned && state.Query.AskedRow == 1 && state.Query.PackedTo[0] == 3 && !state.Query.HasLogZero && state.Query.Answered == 0b11);
}
