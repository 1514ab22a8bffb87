using Rollbook.Model.Tests.Explorer;

namespace Rollbook.Model.Tests.Archive;

/// <summary>
/// A query over the packs of one pinned manifest version and what the logs hold beyond it, while the episode ends, is scored, goes from silo to silo,
/// and while both logs are packed, forget and retire. DESIGN: Queries. The same silo may claim again and again, as far as its log's chunks last.
/// </summary>
internal sealed class QueryPinModel(QueryPinRules rules, int chunks) : IModel<QueryPinState>
{
    /// <summary>The most chunks of a log that there is room for.</summary>
    public const int MostChunks = 3;

    private bool Has(QueryPinRules rule) => rules.HasFlag(rule);

    public QueryPinState Initial
    {
        get
        {
            var state = new QueryPinState { Row = 1 };
            state.Rows[0][0] = 1;
            return state;
        }
    }

    public void Expand(in QueryPinState state, Moves<QueryPinState> moves)
    {
        if (state.Fault != QueryFault.None) return;
        Own(state, moves);
        Claim(state, moves);
        for (var log = 0; log < 2; log++) Pack(state, log, moves);
        if (!state.IsLogZeroRetired && state.Owner == 1 && state.PackedTo[0] == Visible(state, 0) && !state.IsReleased)
        {
            var next = state;
            next.IsLogZeroRetired = true;
            moves.Add(next, "log 0 is recovered and retires");
        }

        Ask(state, moves);
    }

    public void Normalize(ref QueryPinState state)
    {
    }

    public string? Violation(in QueryPinState state) => state.Fault switch
    {
        QueryFault.RowMissing => "a query lacks an acknowledged episode, or its newest row",
        QueryFault.RowTwice => "a query counts an episode twice",
        QueryFault.ScoreMissing => "a query lacks an acknowledged score",
        QueryFault.ScoreTwice => "a query counts a score twice",
        QueryFault.NeverAnswered => "a query begins again without a newer version to pin",
        _ => null,
    };

    private void Own(in QueryPinState state, Moves<QueryPinState> moves)
    {
        if (state.IsReleased) return;
        if (state.EndedAt == 0)
        {
            var next = state;
            next.EndedAt = (byte)(state.Row + 1);
            if (TryAppend(ref next, state.Owner)) moves.Add(next, "the episode ends in log {0}", state.Owner);
        }
        else if (state.ScoredAt == 0)
        {
            var next = state;
            next.ScoredAt = (byte)(state.Row + 1);
            if (TryAppend(ref next, state.Owner)) moves.Add(next, "the episode is scored in log {0}", state.Owner);
        }
    }

    private void Claim(in QueryPinState state, Moves<QueryPinState> moves)
    {
        var other = (byte)(1 - state.Owner);
        var next = state;
        if (!state.IsReleased)
        {
            if (Length(state, other) == chunks || (other == 0 && state.IsLogZeroRetired)) return;
            next.IsReleased = true;
            moves.Add(next, "log {0} releases the episode", state.Owner);
        }
        else if (!state.IsDoubtful)
        {
            TryAppend(ref next, other);
            next.IsDoubtful = true;
            next.Row = state.Row;
            moves.Add(next, "the start frame of the claim is durable in log {0}", other);
        }
        else
        {
            (next.IsReleased, next.IsDoubtful, next.Owner) = (false, false, other);
            next.Row++;
            moves.Add(next, "log {0} sees its claim succeed", other);
        }
    }

    private bool TryAppend(ref QueryPinState state, byte log)
    {
        var chunk = Length(state, log);
        if (chunk == chunks) return false;
        state.Rows[log][chunk] = ++state.Row;
        return true;
    }

    private void Pack(in QueryPinState state, int log, Moves<QueryPinState> moves)
    {
        if (log == 0 && state.IsLogZeroRetired) return;
        for (var to = (byte)(state.WrittenTo[log] + 1); to <= Visible(state, log); to++)
        {
            var next = state;
            next.WrittenTo[log] = to;
            moves.Add(next, "log {0} is packed to {1}", log, to);
        }

        if (state.PackedTo[log] < state.WrittenTo[log])
        {
            var next = state;
            next.PackedTo[log] = state.WrittenTo[log];
            moves.Add(next, "the pack of log {0} to {1} is published", log, state.WrittenTo[log]);
        }

        var covered = Has(QueryPinRules.ForgetOnlyPublished) ? state.PackedTo[log] : state.WrittenTo[log];
        if (state.ForgottenTo[log] < covered)
        {
            var next = state;
            next.ForgottenTo[log] = covered;
            moves.Add(next, "log {0} forgets what lies below {1}", log, covered);
        }
    }

    private void Ask(in QueryPinState state, Moves<QueryPinState> moves)
    {
        var next = state;
        ref var query = ref next.Query;
        switch (state.Query.Step)
        {
            case QueryStep.Idle:
                query = new Query { Step = QueryStep.Begun, AskedRow = state.Row, AskedScore = state.ScoredAt != 0 };
                moves.Add(next, "a query begins");
                break;
            case QueryStep.Begun or QueryStep.First:
                query.Step++;
                if ((state.Query.Step == QueryStep.Begun) == Has(QueryPinRules.LogsBeforeManifest))
                {
                    query.HasLogZero = !state.IsLogZeroRetired;
                    if (!query.HasLogZero) query.Answered |= 1;
                    moves.Add(next, "the query takes the list of the logs");
                }
                else
                {
                    query.PackedTo = state.PackedTo;
                    for (var log = 0; log < 2; log++) TakePacks(ref next, log);
                    moves.Add(next, "the query pins the manifest: packed_to {0} and {1}", state.PackedTo[0], state.PackedTo[1]);
                }

                break;
            case QueryStep.Pinned when state.Query.Answered == 0b11:
                next.Fault = Judge(state.Query);
                query = new Query { Step = QueryStep.Done };
                moves.Add(next, "the query answers");
                break;
            case QueryStep.Pinned:
                for (var log = 0; log < 2; log++)
                {
                    if ((state.Query.Answered >> log & 1) == 0) AskLog(state, log, moves);
                }

                break;
        }
    }

    private QueryFault Judge(in Query query) =>
        query.Row < query.AskedRow ? QueryFault.RowMissing
        : query.Rows > 1 && !Has(QueryPinRules.NewestWins) ? QueryFault.RowTwice
        : query.AskedScore && query.Scores == 0 ? QueryFault.ScoreMissing
        : query.Scores > 1 ? QueryFault.ScoreTwice
        : QueryFault.None;

    private void TakePacks(ref QueryPinState state, int log)
    {
        // A pack has the rows of the episodes that are ended as of its end.
        var packedTo = state.PackedTo[log];
        if (packedTo > 0 && IsEnded(state, state.Rows[log][packedTo - 1])) TakeRow(ref state, state.Rows[log][packedTo - 1]);
        for (var chunk = 0; chunk < packedTo; chunk++)
        {
            if (IsScore(state, log, chunk)) state.Query.Scores++;
        }
    }

    private void AskLog(in QueryPinState state, int log, Moves<QueryPinState> moves)
    {
        var next = state;
        var from = Has(QueryPinRules.OneVersion) ? state.Query.PackedTo[log] : state.PackedTo[log];
        var isGone = log == 0 && state.IsLogZeroRetired;
        if ((isGone && Has(QueryPinRules.RetiredMeansPinAgain)) || (!isGone && state.ForgottenTo[log] > from && Has(QueryPinRules.ForgottenMeansPinAgain)))
        {
            if (!isGone && state.PackedTo[log] == state.Query.PackedTo[log]) next.Fault = QueryFault.NeverAnswered;
            next.Query = new Query { Step = QueryStep.Begun, AskedRow = state.Query.AskedRow, AskedScore = state.Query.AskedScore };
            moves.Add(next, "log {0} no longer holds what the query asks for: it begins again", log);
            return;
        }

        next.Query.Answered |= (byte)(1 << log);
        if (!isGone)
        {
            var first = Math.Max(state.ForgottenTo[log], Has(QueryPinRules.NothingBelowThePin) ? from : (byte)0);
            var last = Visible(state, log) - 1;
            if (last >= 0)
            {
                var row = state.Rows[log][last];
                var isHeld = IsEnded(state, row) ? last >= first : (state.Owner == log && !state.IsReleased) || Has(QueryPinRules.HandedOverIsKept);
                if (isHeld) TakeRow(ref next, row);
            }

            for (var chunk = (int)first; chunk <= last; chunk++)
            {
                if (IsScore(state, log, chunk)) next.Query.Scores++;
            }
        }

        moves.Add(next, isGone ? "log {0} is gone and answers nothing" : "log {0} answers", log);
    }

    private static void TakeRow(ref QueryPinState state, byte row)
    {
        state.Query.Rows++;
        state.Query.Row = Math.Max(state.Query.Row, row);
    }

    private static bool IsEnded(in QueryPinState state, byte row) => state.EndedAt != 0 && row >= state.EndedAt;

    private static bool IsScore(in QueryPinState state, int log, int chunk) => state.ScoredAt != 0 && state.Rows[log][chunk] == state.ScoredAt;

    private static byte Length(in QueryPinState state, int log)
    {
        byte length = 0;
        while (length < MostChunks && state.Rows[log][length] != 0) length++;
        return length;
    }

    // The chunks that a log answers with: without the start of a claim that may yet be lost.
    private static byte Visible(in QueryPinState state, int log) => (byte)(Length(state, log) - (state.IsDoubtful && state.Owner != log ? 1 : 0));
}
