using Rollbook.Model.Tests.Explorer;

namespace Rollbook.Model.Tests.Archive;

/// <summary>
/// One log from its first append to its last trimmed chunk: an owner that may be a zombie, two fencers, two archivers that pack the
/// same ranges under the same names, the trimmer, the janitor, and one read at any time. DESIGN: the laws L1 to L3, Fence, the manifest.
/// </summary>
internal sealed class PackAndTrimModel(PackAndTrimRules rules, PackAndTrimBounds bounds) : IModel<PackAndTrimState>
{
    /// <summary>The most chunks that there is room for.</summary>
    public const int Chunks = 3;

    /// <summary>The ranges [from, to) of chunks that a pack may cover.</summary>
    public const int Ranges = Chunks * (Chunks + 1) / 2;

    private const int Projects = 2;

    private static readonly (byte From, byte To)[] RangeOf =
        [.. from start in Enumerable.Range(0, Chunks) from end in Enumerable.Range(start + 1, Chunks - start) select ((byte)start, (byte)end)];

    private bool Has(PackAndTrimRules rule) => rules.HasFlag(rule);

    public PackAndTrimState Initial => default;

    public void Expand(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        // A broken promise has been reported: nothing that follows from it is of interest.
        if (state.Fault != ReadFault.None) return;
        Own(state, moves);
        for (var i = 0; i < 2; i++)
        {
            // Two idle actors of the same kind are the same: only the first begins.
            if (i == 0 || (i < bounds.Fencers && state.Fencers[0].Step != FencerStep.Idle)) Fence(state, i, moves);
            if (i == 0 || (i < bounds.Archivers && state.Archivers[0].Step != ArchiverStep.Idle)) Pack(state, i, moves);
        }

        Trim(state, moves);
        Clean(state, moves);
        if (bounds.HasReader) Read(state, moves);
    }

    public void Normalize(ref PackAndTrimState state)
    {
        // What can't be published any more is as good as gone, and what its archiver found in the log does not matter.
        if (!Has(PackAndTrimRules.StartStillHolds)) return;
        for (var project = 0; project < Projects; project++)
        {
            for (var range = 0; range < Ranges; range++)
            {
                if ((state.Listed[project] >> range & 1) == 0 && RangeOf[range].From < state.PackedTo[project]) Delete(ref state, project, range);
            }
        }

        for (var i = 0; i < 2; i++)
        {
            ref var archiver = ref state.Archivers[i];
            var (from, to) = RangeOf[archiver.Range];
            if (archiver.Step == ArchiverStep.Reading && from < state.PackedTo[archiver.Project]) (archiver.At, archiver.Found) = (to, 1);
        }

        if (Order(state.Archivers[0]) < Order(state.Archivers[1])) (state.Archivers[0], state.Archivers[1]) = (state.Archivers[1], state.Archivers[0]);
        if (Order(state.Fencers[0]) < Order(state.Fencers[1])) (state.Fencers[0], state.Fencers[1]) = (state.Fencers[1], state.Fencers[0]);
    }

    private static int Order(in Fencer fencer) => ((int)fencer.Step << 8) + fencer.At;

    private static int Order(in Archiver archiver) =>
        ((int)archiver.Step << 24) + (archiver.Project << 20) + (archiver.Range << 12) + (archiver.At << 8) + archiver.Found;

    public string? Violation(in PackAndTrimState state)
    {
        switch (state.Fault)
        {
            case ReadFault.Lost: return "a read lacks an acknowledged record";
            case ReadFault.Doubled: return "a read has a record twice";
            case ReadFault.StandsStill: return "a read never gets past a trimmed chunk";
        }

        if (state.Row == Row.Fenced && state.Acked > state.FencedAt) return "a chunk was acknowledged at or above the fence";
        for (var project = 0; project < Projects; project++)
        {
            if ((state.Listed[project] & ~state.Files[project]) != 0) return "the manifest lists a file that is gone";
            if (Doubled(state, project)) return "two packs that count have the same range";
            for (var chunk = 0; chunk < state.Acked; chunk++)
            {
                if (!Holds(state, project, chunk)) continue;
                var packed = (Packed(state, project) >> chunk & 1) != 0;
                if (!packed && state.Cells[chunk] != Cell.Data) return "an acknowledged record is neither in a pack nor in the log";
                if (!packed && chunk < state.PackedTo[project]) return "an acknowledged record is not in the pack of its range";
            }
        }

        return null;
    }

    // The owner: one chunk in flight. Its put may arrive late, or twice, as long as anybody lives: also after the chunk was trimmed.
    private void Own(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        if (!state.IsPoisoned && state.Issued == state.Acked && state.Issued < bounds.Chunks)
        {
            for (var second = 0; second < 2; second++)
            {
                var next = state;
                next.WithSecond |= (byte)(second << state.Issued);
                next.Issued++;
                moves.Add(next, second == 0 ? "the owner appends chunk {0} (project 0)" : "the owner appends chunk {0} (projects 0 and 1)", state.Issued);
            }
        }

        for (var chunk = 0; chunk < state.Issued; chunk++)
        {
            if (state.Cells[chunk] != Cell.Absent || (chunk < state.TrimmedTo && !bounds.HasLatePuts)) continue;
            var next = state;
            next.Cells[chunk] = Cell.Data;
            moves.Add(next, "the put of chunk {0} arrives", chunk);
        }

        if (state.IsPoisoned || state.Issued == state.Acked) return;
        var answered = state;
        if (state.Cells[state.Acked] == Cell.Data)
        {
            answered.Acked++;
            moves.Add(answered, "chunk {0} is acknowledged", state.Acked);
        }
        else if (state.Cells[state.Acked] == Cell.Fence)
        {
            answered.IsPoisoned = true;
            moves.Add(answered, "the put of chunk {0} meets the fence: the owner is poisoned", state.Acked);
        }
    }

    private static void Fence(in PackAndTrimState state, int i, Moves<PackAndTrimState> moves)
    {
        var next = state;
        ref var fencer = ref next.Fencers[i];
        switch (fencer.Step)
        {
            case FencerStep.Idle when state.Row != Row.Fenced:
                next.Row = Row.Fencing;
                fencer = new Fencer { Step = FencerStep.Probing, At = state.TrimmedTo };
                moves.Add(next, "fencer {0} finds or makes the row Fencing, trimmed_to {1}", i, state.TrimmedTo);
                break;
            case FencerStep.Probing when state.Cells[fencer.At] == Cell.Data:
                fencer.At++;
                moves.Add(next, "fencer {0} finds chunk {1} taken", i, state.Fencers[i].At);
                break;
            case FencerStep.Probing:
                next.Cells[fencer.At] = Cell.Fence;
                fencer.Step = FencerStep.Found;
                moves.Add(next, "fencer {0} puts or finds the fence at {1}", i, fencer.At);
                break;
            case FencerStep.Found:
                if (state.Row == Row.Fencing) (next.Row, next.FencedAt) = (Row.Fenced, fencer.At);
                fencer = new Fencer { Step = FencerStep.Done };
                moves.Add(next, "fencer {0} makes the row Fenced({1}), unless it is", i, state.Fencers[i].At);
                break;
        }
    }

    // An archiver works for a live owner (up to its acknowledged end) or for recovery (up to the fence), and can't tell a zombie from either.
    private void Pack(in PackAndTrimState state, int i, Moves<PackAndTrimState> moves)
    {
        var at = state.Archivers[i];
        if (at.Step == ArchiverStep.Idle)
        {
            var end = state.Row == Row.Fenced ? Math.Max(state.Acked, state.FencedAt) : state.Acked;
            if (!Has(PackAndTrimRules.ArchiverKnowsItsEnd)) end = (byte)bounds.Chunks;
            for (byte project = 0; project < Projects; project++)
            {
                for (byte range = 0; range < Ranges; range++)
                {
                    if (RangeOf[range].From != state.PackedTo[project] || RangeOf[range].To > end) continue;
                    var begun = state;
                    begun.Archivers[i] = new Archiver { Step = ArchiverStep.Reading, Project = project, Range = range, At = RangeOf[range].From };
                    moves.Add(begun, "archiver {0} begins " + Name(project, range), i);
                }
            }

            return;
        }

        var (from, to) = RangeOf[at.Range];
        var bit = (byte)(1 << at.Range);
        var next = state;
        ref var archiver = ref next.Archivers[i];
        switch (at.Step)
        {
            case ArchiverStep.Reading when at.At < to:
                // A chunk that is gone holds nothing that is still wanted, or this range is not: the compare-and-swap will tell.
                if (state.Cells[at.At] == Cell.Data && Holds(state, at.Project, at.At)) archiver.Found |= (byte)(1 << at.At);
                archiver.At++;
                moves.Add(next, "archiver {0} reads chunk {1}", i, at.At);
                break;
            case ArchiverStep.Reading when at.Found == 0:
                archiver = default;
                moves.Add(next, "archiver {0} has no record of project {1} and publishes nothing", i, at.Project);
                break;
            case ArchiverStep.Reading:
                if ((state.Files[at.Project] & bit) == 0)
                {
                    next.Files[at.Project] |= bit;
                    next.Contents[at.Project][at.Range] = at.Found;
                }

                archiver = new Archiver { Step = ArchiverStep.Put, Project = at.Project, Range = at.Range };
                moves.Add(next, "archiver {0} puts " + Name(at.Project, at.Range) + " or finds it", i);
                break;
            case ArchiverStep.Put:
                if (state.PackedTo[at.Project] == from || !Has(PackAndTrimRules.StartStillHolds))
                {
                    next.PackedTo[at.Project] = Math.Max(to, state.PackedTo[at.Project]);
                    next.Listed[at.Project] |= bit;
                    archiver = default;
                    moves.Add(next, "archiver {0} publishes " + Name(at.Project, at.Range), i);
                }
                else
                {
                    archiver.Step = ArchiverStep.Lost;
                    moves.Add(next, "archiver {0} loses the compare-and-swap for " + Name(at.Project, at.Range), i);
                }

                break;
            case ArchiverStep.Lost:
                if ((state.Listed[at.Project] & bit) == 0 || !Has(PackAndTrimRules.LoserSparesListed)) Delete(ref next, at.Project, at.Range);
                archiver = default;
                moves.Add(next, "archiver {0} drops " + Name(at.Project, at.Range) + " if it may", i);
                break;
        }

        if (at.Step is ArchiverStep.Idle or ArchiverStep.Lost) return;
        next = state;
        next.Archivers[i] = default;
        moves.Add(next, "archiver {0} crashes", i);
    }

    private void Trim(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        var mark = state.TrimmedTo;
        var mayMark = state.Row != Row.Fencing || !Has(PackAndTrimRules.ClosedRowRefusesTheMark);
        if (mark < Chunks && mayMark && IsFree(state, mark))
        {
            var next = state;
            next.TrimmedTo++;
            moves.Add(next, "the trimmer moves trimmed_to to {0}", next.TrimmedTo);
        }

        for (byte chunk = 0; chunk < Chunks; chunk++)
        {
            if (state.Cells[chunk] != Cell.Data) continue;
            if (chunk < mark || (!Has(PackAndTrimRules.MarkBeforeDelete) && IsFree(state, chunk)))
            {
                var next = state;
                next.Cells[chunk] = Cell.Absent;
                moves.Add(next, "the trimmer deletes chunk {0}", chunk);
            }
        }
    }

    private bool IsFree(in PackAndTrimState state, byte chunk)
    {
        var (with, published) = (0, 0);
        for (var project = 0; project < Projects; project++)
        {
            if (!Holds(state, project, chunk)) continue;
            with++;
            if (state.PackedTo[project] > chunk) published++;
        }

        return Has(PackAndTrimRules.EveryProjectPublished) ? published == with && chunk < state.Issued : published > 0;
    }

    private void Clean(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        for (var project = 0; project < Projects; project++)
        {
            for (var range = 0; range < Ranges; range++)
            {
                if (((state.Files[project] & ~state.Listed[project]) >> range & 1) == 0) continue;
                if (RangeOf[range].From >= state.PackedTo[project] && Has(PackAndTrimRules.JanitorSparesPublishable)) continue;
                var next = state;
                Delete(ref next, project, range);
                moves.Add(next, "the janitor deletes " + Name(project, range));
            }
        }
    }

    private void Read(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        var at = state.Reader;
        var next = state;
        ref var reader = ref next.Reader;
        switch (at.Step)
        {
            case ReaderStep.Idle:
                for (byte project = 0; project < Projects; project++)
                {
                    if (state.Acked > 0) Begin(state, project, state.Acked, moves);
                    if (state.Row == Row.Fenced && state.FencedAt != state.Acked) Begin(state, project, state.FencedAt, moves);
                }

                break;
            case ReaderStep.Begun:
                reader.Step = ReaderStep.Marked;
                if (Has(PackAndTrimRules.PassOverTrimmed | PackAndTrimRules.TrimmedBeforeManifest)) reader.Trimmed = state.TrimmedTo;
                moves.Add(next, "the reader takes trimmed_to {0} from the registry", reader.Trimmed);
                break;
            case ReaderStep.Marked:
                reader.Step = ReaderStep.Reading;
                reader.PackedTo = state.PackedTo[at.Project];
                if (Has(PackAndTrimRules.PacksFirst)) reader.Got = Packed(state, at.Project);
                reader.At = Math.Max(reader.PackedTo, at.Trimmed);
                moves.Add(next, "the reader pins the manifest: packed_to {0}", reader.PackedTo);
                break;
            case ReaderStep.Reading:
                ReadChunk(state, moves);
                break;
        }
    }

    private static void Begin(in PackAndTrimState state, byte project, byte end, Moves<PackAndTrimState> moves)
    {
        var next = state;
        next.Reader = new Reader { Step = ReaderStep.Begun, Project = project, End = end };
        moves.Add(next, "a read of project {0} begins, its end is {1}", project, end);
    }

    private void ReadChunk(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        var at = state.Reader;
        var next = state;
        ref var reader = ref next.Reader;
        var cell = at.At <= Chunks ? state.Cells[at.At] : Cell.Absent;
        if (Has(PackAndTrimRules.EndKnownBeforehand) ? at.At >= at.End : cell != Cell.Data)
        {
            Answer(state, moves);
        }
        else if (cell == Cell.Data)
        {
            if (Holds(state, at.Project, at.At)) Take(ref next, (byte)(1 << at.At));
            reader.At++;
            moves.Add(next, "the reader reads chunk {0}", at.At);
        }
        else if (!Has(PackAndTrimRules.MissingMeansAgain))
        {
            reader.At++;
            moves.Add(next, "the reader passes over chunk {0}, which is missing", at.At);
        }
        else if (Has(PackAndTrimRules.PassOverTrimmed) && !Has(PackAndTrimRules.TrimmedBeforeManifest) && at.At < state.TrimmedTo)
        {
            reader.At = state.TrimmedTo;
            moves.Add(next, "the reader looks up trimmed_to {0} and passes over what is below", state.TrimmedTo);
        }
        else if (at.IsAgain && at.PackedTo == state.PackedTo[at.Project] && at.Trimmed == (Has(PackAndTrimRules.PassOverTrimmed) ? state.TrimmedTo : at.Trimmed))
        {
            next.Fault = ReadFault.StandsStill;
            moves.Add(next, "the reader misses chunk {0} again, with the same manifest and the same trimmed_to", at.At);
        }
        else
        {
            next.Reader = new Reader { Step = ReaderStep.Begun, Project = at.Project, End = at.End, IsAgain = true };
            moves.Add(next, "the reader misses chunk {0} and starts again", at.At);
        }
    }

    private void Answer(in PackAndTrimState state, Moves<PackAndTrimState> moves)
    {
        var next = state;
        if (!Has(PackAndTrimRules.PacksFirst)) Take(ref next, Packed(state, state.Reader.Project));
        var asked = 0;
        for (var chunk = 0; chunk < state.Reader.End; chunk++)
        {
            if (Holds(state, state.Reader.Project, chunk)) asked |= 1 << chunk;
        }

        if (next.Fault == ReadFault.None && (asked & ~next.Reader.Got) != 0) next.Fault = ReadFault.Lost;
        next.Reader = new Reader { Step = ReaderStep.Done };
        moves.Add(next, "the reader answers");
    }

    private static void Take(ref PackAndTrimState state, byte records)
    {
        if ((state.Reader.Got & records) != 0) state.Fault = ReadFault.Doubled;
        state.Reader.Got |= records;
    }

    private static bool Holds(in PackAndTrimState state, int project, int chunk) => project == 0 || (state.WithSecond >> chunk & 1) != 0;

    // The records in the packs that count.
    private static byte Packed(in PackAndTrimState state, int project)
    {
        var records = 0;
        for (var range = 0; range < Ranges; range++)
        {
            if ((state.Listed[project] >> range & 1) != 0) records |= state.Contents[project][range];
        }

        return (byte)records;
    }

    private static bool Doubled(in PackAndTrimState state, int project)
    {
        var chunks = 0;
        for (var range = 0; range < Ranges; range++)
        {
            if ((state.Listed[project] >> range & 1) == 0) continue;
            var covered = (1 << RangeOf[range].To) - (1 << RangeOf[range].From);
            if ((chunks & covered) != 0) return true;
            chunks |= covered;
        }

        return false;
    }

    private static void Delete(ref PackAndTrimState state, int project, int range)
    {
        state.Files[project] &= (byte)~(1 << range);
        state.Contents[project][range] = 0;
    }

    private static string Name(int project, int range) => Names[(project * Ranges) + range];

    private static readonly string[] Names =
        [.. from project in Enumerable.Range(0, Projects) from range in RangeOf select $"project {project}'s pack of [{range.From}, {range.To})"];
}
