using Rollbook.Model.Tests.Explorer;

namespace Rollbook.Model.Tests.Archive;

/// <summary>
/// One ended episode on its way from packs into a day folder: two silos that score, resume and end it, the archivers of their logs, two
/// compactors (the second takes over where the first is slow or dead), the janitor, and one read or late retry at any time. DESIGN: sealing, the
/// manifest, the compactor. How a log is packed and trimmed is <see cref="PackAndTrimModel"/>'s: here it is one move.
/// </summary>
internal sealed class SealAndCompactModel(SealAndCompactRules rules, SealAndCompactBounds bounds) : IModel<SealAndCompactState>
{
    private const int Other = 0, Step0 = 1, Step1 = 4, Records = 5;
    private const int Compacted = 4;

    // Silo i's score is record 2 + i.
    private const int Scores = 2;
    private const byte DayFiles = 1 << Compacted | 1 << (Compacted + 2);

    private static readonly byte[] LogOf = [0, 0, 0, 1, 1];

    private bool Has(SealAndCompactRules rule) => rules.HasFlag(rule);

    public SealAndCompactState Initial
    {
        get
        {
            var state = new SealAndCompactState { Life = Life.Lost, Term = 1, Extents = 1 << 1 };
            state.Activations[0] = new Activation { Step = ActivationStep.Owner, Term = 1 };
            foreach (var record in new[] { Other, Step0 }) (state.Places[record], state.Terms[record]) = (Place.InLog, 1);
            return state;
        }
    }

    public void Expand(in SealAndCompactState state, Moves<SealAndCompactState> moves)
    {
        if (state.Fault != ReadFault.None) return;
        for (var silo = 0; silo < 2; silo++)
        {
            Claim(state, silo, moves);
            Write(state, silo, moves);
            Pack(state, silo, moves);
        }

        for (var i = 0; i < bounds.Compactors; i++)
        {
            if (i == 0 || state.Compactors[0].Step != CompactorStep.Idle) Compact(state, i, moves);
        }

        Clean(state, moves);
        if (bounds.HasRead) Read(state, moves);
    }

    public void Normalize(ref SealAndCompactState state)
    {
        for (var silo = 0; silo < 2; silo++)
        {
            // A deposed owner is an idle one, and so is one that has nothing left to write. Whoever is left has a term above the minimum.
            ref var activation = ref state.Activations[silo];
            var isDeposed = activation.Step == ActivationStep.Owner && activation.Term < state.MinimumTerm[silo];
            var hasWritten = activation.Step == ActivationStep.Owner && !activation.Resumes && state.Places[Scores + silo] != Place.Nowhere;
            if (isDeposed || hasWritten) activation = default;
            state.MinimumTerm[silo] = 0;
        }

        // A file that can't be published any more, and that no read has pinned, is as good as deleted.
        var needed = state.Listed | (state.Read.Step is EpisodeReadStep.First or EpisodeReadStep.Pinned ? state.Read.Pinned : 0);
        for (var i = 0; i < 2; i++)
        {
            ref var compactor = ref state.Compactors[i];
            var outputs = 0b11 << (Compacted + (i * 2));
            if (compactor.Step > CompactorStep.Stopped) compactor.SeenLife = default;
            if (compactor.Step < CompactorStep.Added) needed |= outputs;
            else if ((needed & outputs) == 0 && Has(SealAndCompactRules.FinalRowKeepsUncovered)) compactor = new Compactor { Step = compactor.Step };
            if (compactor.Step >= CompactorStep.Published) compactor.Inputs = 0;
        }

        state.Files &= (byte)needed;
        for (var file = 0; file < 8; file++)
        {
            if ((needed >> file & 1) == 0) state.Contents[file] = 0;
        }
    }

    public string? Violation(in SealAndCompactState state)
    {
        switch (state.Fault)
        {
            case ReadFault.Lost: return "a read lacks an acknowledged record";
            case ReadFault.Doubled: return "a read has a record twice";
        }

        if ((state.Listed & ~state.Files) != 0) return "the manifest lists a file that is gone";
        for (var record = 0; record < Records; record++)
        {
            if (!IsAcknowledged(state, record)) continue;
            var (copies, isInDay) = Copies(state, record);
            if (copies > 1) return "an acknowledged record is in two places that count";
            if (copies == 0) return "an acknowledged record is in no place that counts";
            if (record != Other && !isInDay && !Counts(state.Extents, state, record)) return "an acknowledged record does not count any more";
            if (record is Step0 or Step1 && state.Life == Life.Archived && !isInDay) return "a step of an archived episode is not in its day folder";
        }

        return null;
    }

    // A claim: read the header and stop the owner that it names, then the compare-and-swap. The start frame is PackAndTrim's business.
    private void Claim(in SealAndCompactState state, int silo, Moves<SealAndCompactState> moves)
    {
        var at = state.Activations[silo];
        if (at.Step != ActivationStep.Stopped && state.Term < bounds.Terms && !(state.Owner == silo && at.Step == ActivationStep.Owner && at.Term == state.Term))
        {
            if (state.Places[Scores + silo] == Place.Nowhere) Stop(state, silo, false, moves);
            if (silo == 1 && bounds.HasResume && state.Life == Life.Lost) Stop(state, silo, true, moves);
        }

        if (at.Step != ActivationStep.Stopped) return;
        var next = state;
        if (state.Term == at.Term && state.Life == at.SeenLife)
        {
            next.Term++;
            next.Owner = (byte)silo;
            next.Extents |= (byte)(1 << next.Term);
            if (at.Resumes) next.Life = Life.Running;
            next.Activations[silo] = new Activation { Step = ActivationStep.Owner, Term = next.Term, Resumes = at.Resumes };
            moves.Add(next, at.Resumes ? "silo {0} resumes the episode as term {1}" : "silo {0} claims the episode as term {1}, for a score", silo, next.Term);
        }
        else
        {
            next.Activations[silo] = default;
            moves.Add(next, "silo {0} loses its claim", silo);
        }
    }

    private static void Stop(in SealAndCompactState state, int silo, bool resumes, Moves<SealAndCompactState> moves)
    {
        var next = state;
        if (!TryStop(ref next, state.Term)) return;
        next.Activations[silo] = new Activation { Step = ActivationStep.Stopped, Term = state.Term, SeenLife = state.Life, Resumes = resumes };
        moves.Add(next, "silo {0} reads the header, term {1}, and stops the owner", silo, state.Term);
    }

    // Raises the owner's minimum term; false while something of it is in flight.
    private static bool TryStop(ref SealAndCompactState state, byte seenTerm)
    {
        if (state.Owner > 1) return true;
        for (var record = 0; record < Records; record++)
        {
            if (LogOf[record] == state.Owner && state.Places[record] == Place.InFlight) return false;
        }

        state.MinimumTerm[state.Owner] = Math.Max(state.MinimumTerm[state.Owner], (byte)(seenTerm + 1));
        return true;
    }

    private static void Write(in SealAndCompactState state, int silo, Moves<SealAndCompactState> moves)
    {
        var at = state.Activations[silo];
        if (at.Step == ActivationStep.Owner && at.Term >= state.MinimumTerm[silo])
        {
            if (!at.Resumes) Append(state, silo, Scores + silo, moves);
            if (at.Resumes) Append(state, silo, Step1, moves);
            if (at.Resumes && state.Life == Life.Running && state.Term == at.Term && state.Places[Step1] != Place.InFlight)
            {
                var ended = state;
                ended.Life = Life.Ended;
                ended.Activations[silo].Resumes = false;
                moves.Add(ended, "silo {0} ends the episode", silo);
            }
        }

        for (var record = 0; record < Records; record++)
        {
            if (LogOf[record] != silo || state.Places[record] != Place.InFlight) continue;
            var next = state;
            next.Places[record] = Place.InLog;
            moves.Add(next, "record {1} is durable in log {0} and acknowledged", silo, record);
        }
    }

    private static void Append(in SealAndCompactState state, int silo, int record, Moves<SealAndCompactState> moves)
    {
        if (state.Places[record] != Place.Nowhere) return;
        var next = state;
        (next.Places[record], next.Terms[record]) = (Place.InFlight, state.Activations[silo].Term);
        moves.Add(next, "silo {0} writes record {1}", silo, record);
    }

    private static void Pack(in SealAndCompactState state, int log, Moves<SealAndCompactState> moves)
    {
        if (state.Packs[log] == 2) return;
        var next = state;
        var file = (log * 2) + state.Packs[log];
        for (var record = 0; record < Records; record++)
        {
            if (LogOf[record] != log || state.Places[record] != Place.InLog) continue;
            next.Places[record] = Place.Packed;
            next.Contents[file] |= (byte)(1 << record);
        }

        if (next.Contents[file] == 0) return;
        next.Files |= (byte)(1 << file);
        next.Listed |= (byte)(1 << file);
        next.Packs[log]++;
        moves.Add(next, "log {0} is packed, published and trimmed", log);
    }

    private void Compact(in SealAndCompactState state, int i, Moves<SealAndCompactState> moves)
    {
        var at = state.Compactors[i];
        var next = state;
        ref var compactor = ref next.Compactors[i];
        switch (at.Step)
        {
            case CompactorStep.Idle when state.Life is Life.Lost or Life.Ended or Life.Sealing && state.Term < bounds.Terms:
                compactor = new Compactor { Step = CompactorStep.Began, Term = state.Term, SeenLife = state.Life };
                moves.Add(next, "compactor {0} reads the header, term {1}", i, state.Term);
                break;
            case CompactorStep.Began:
                if (Has(SealAndCompactRules.StopTheOwner) && state.Term == at.Term && !TryStop(ref next, at.Term)) break;
                compactor.Step = CompactorStep.Stopped;
                moves.Add(next, "compactor {0} stops the owner", i);
                if (!Has(SealAndCompactRules.ReadAfterStop)) Take(state, i, moves);
                break;
            case CompactorStep.Stopped:
                Seal(state, i, moves);
                if (!Has(SealAndCompactRules.ReadAfterSeal)) Take(state, i, moves);
                break;
            case CompactorStep.Sealed when (state.Listed & DayFiles) != 0:
                compactor.Step = CompactorStep.Published;
                moves.Add(next, "compactor {0} finds the episode in the day folder", i);
                break;
            case CompactorStep.Sealed when !at.HasRead:
                Take(state, i, moves);
                break;
            case CompactorStep.Sealed:
                foreach (var file in new[] { Compacted + (i * 2), Compacted + (i * 2) + 1 })
                {
                    // The other compactor's file of the same kind: without names of their own, its bytes are what the name stands for.
                    var others = file ^ 2;
                    if (!Has(SealAndCompactRules.OutputsHaveOwnNames) && (state.Files >> others & 1) != 0) next.Contents[file] = state.Contents[others];
                    if (state.Contents[file] != 0) next.Files |= (byte)(1 << file);
                }

                compactor.Step = CompactorStep.Put;
                moves.Add(next, "compactor {0} puts its files", i);
                break;
            case CompactorStep.Put:
                Publish(state, i, moves);
                if (!Has(SealAndCompactRules.FinalRowAfterManifest)) Finish(state, i, moves);
                break;
            case CompactorStep.Added:
                next.Listed &= (byte)~at.Inputs;
                compactor.Step = CompactorStep.Published;
                moves.Add(next, "compactor {0} takes its inputs off the manifest", i);
                break;
            case CompactorStep.Published:
                Finish(state, i, moves);
                break;
        }
    }

    private void Seal(in SealAndCompactState state, int i, Moves<SealAndCompactState> moves)
    {
        var next = state;
        ref var compactor = ref next.Compactors[i];
        if (!Has(SealAndCompactRules.SealTheHeader))
        {
            compactor.Step = CompactorStep.Sealed;
            compactor.Term++;
            moves.Add(next, "compactor {0} goes on without sealing", i);
        }
        else if (state.Term == compactor.Term && state.Life == compactor.SeenLife)
        {
            next.Term++;
            next.Life = Life.Sealing;
            next.Owner = 2;
            compactor.Term = next.Term;
            compactor.Step = CompactorStep.Sealed;
            moves.Add(next, "compactor {0} seals the episode as term {1}", i, next.Term);
        }
        else
        {
            ForgetWhatItRead(ref next, i);
            compactor = default;
            moves.Add(next, "compactor {0} loses its claim", i);
        }
    }

    // Reads the packs: the episode's records that its seal covers, and all that the same files hold besides.
    private void Take(in SealAndCompactState state, int i, Moves<SealAndCompactState> moves)
    {
        var at = state.Compactors[i];
        var covered = at.Step == CompactorStep.Sealed ? at.Term : (byte)(at.Term + 1);
        var (day, rest, inputs) = (0, 0, 0);
        for (var record = Step0; record < Records; record++)
        {
            if (state.Terms[record] == 0 || state.Terms[record] >= covered) continue;
            if (state.Places[record] == Place.InLog && Has(SealAndCompactRules.EverythingPacked)) return;
            if (Counts(state.Extents, state, record)) day |= 1 << record;
        }

        for (var file = 0; file < 8; file++)
        {
            if ((state.Listed >> file & 1) == 0 || (state.Contents[file] & day) == 0) continue;
            inputs |= 1 << file;
            rest |= state.Contents[file] & ~day;
        }

        day &= Union(state, inputs);
        if (at.HasRead || day == 0) return;
        var next = state;
        next.Compactors[i].HasRead = true;
        next.Compactors[i].Inputs = (byte)inputs;
        next.Contents[Compacted + (i * 2)] = (byte)day;
        if (Has(SealAndCompactRules.RestIsKept)) next.Contents[Compacted + (i * 2) + 1] = (byte)rest;
        moves.Add(next, "compactor {0} reads the packs", i);
    }

    private void Publish(in SealAndCompactState state, int i, Moves<SealAndCompactState> moves)
    {
        var next = state;
        ref var compactor = ref next.Compactors[i];
        var outputs = (byte)(state.Files & (0b11 << (Compacted + (i * 2))));
        if ((compactor.Inputs & ~state.Listed) == 0 || !Has(SealAndCompactRules.InputsStillListed))
        {
            next.Listed |= (byte)(1 << (Compacted + (i * 2)) | outputs);
            if (Has(SealAndCompactRules.ReplacedAtOnce)) next.Listed &= (byte)~compactor.Inputs;
            compactor.Step = Has(SealAndCompactRules.ReplacedAtOnce) ? CompactorStep.Published : CompactorStep.Added;
            moves.Add(next, "compactor {0} publishes its files in the place of its inputs", i);
        }
        else
        {
            compactor.Step = (state.Listed & DayFiles) != 0 ? CompactorStep.Published : CompactorStep.Done;
            moves.Add(next, "compactor {0} loses the compare-and-swap of the manifest", i);
        }
    }

    // The final row, by compare-and-swap of the header as it is now: it keeps the extents that the day file does not cover.
    private void Finish(in SealAndCompactState state, int i, Moves<SealAndCompactState> moves)
    {
        var next = state;
        var published = (state.Listed >> (Compacted + 2) & 1) != 0 ? 1 : (state.Listed >> Compacted & 1) != 0 ? 0 : i;
        var covered = state.Compactors[Has(SealAndCompactRules.FinalRowKeepsUncovered) ? published : i].Term;
        if (state.Life != Life.Archived)
        {
            next.Life = Life.Archived;
            next.Extents &= (byte)~((1 << covered) - 1);
        }

        next.Compactors[i].Step = state.Compactors[i].Step == CompactorStep.Published ? CompactorStep.Done : CompactorStep.Put;
        moves.Add(next, "compactor {0} writes the final row: terms from {1} on still count", i, covered);
    }

    private void Clean(in SealAndCompactState state, Moves<SealAndCompactState> moves)
    {
        for (var file = 0; file < 8; file++)
        {
            if (((state.Files & ~state.Listed) >> file & 1) == 0) continue;
            if (file >= Compacted && Has(SealAndCompactRules.JanitorSparesOutputs))
            {
                var inputs = state.Compactors[(file - Compacted) / 2].Inputs;
                if ((inputs & ~state.Listed) == 0) continue;
            }

            var next = state;
            next.Files &= (byte)~(1 << file);
            moves.Add(next, "the janitor deletes file {0}", file);
        }
    }

    private void Read(in SealAndCompactState state, Moves<SealAndCompactState> moves)
    {
        var next = state;
        ref var read = ref next.Read;
        switch (state.Read.Step)
        {
            case EpisodeReadStep.Idle:
                read.Step = EpisodeReadStep.Begun;
                for (var record = Step0; record < Records; record++)
                {
                    if (IsAcknowledged(state, record)) read.Asked |= (byte)(1 << record);
                }

                moves.Add(next, "a read begins");
                break;
            case EpisodeReadStep.Begun or EpisodeReadStep.First:
                read.Step++;
                if ((state.Read.Step == EpisodeReadStep.Begun) == Has(SealAndCompactRules.HeaderBeforeManifest))
                {
                    read.Extents = state.Extents;
                    moves.Add(next, "the read takes the header");
                }
                else
                {
                    (read.Pinned, read.Packs) = (state.Listed, state.Packs);
                    moves.Add(next, "the read pins the manifest");
                }

                break;
            case EpisodeReadStep.Pinned when (state.Read.Pinned & ~state.Files) != 0 && Has(SealAndCompactRules.MissingFileMeansAgain):
                read = new EpisodeRead { Step = EpisodeReadStep.Begun, Asked = state.Read.Asked };
                moves.Add(next, "the read misses a file and starts again");
                break;
            case EpisodeReadStep.Pinned:
                for (var file = 0; file < 8; file++)
                {
                    if (((state.Read.Pinned & state.Files) >> file & 1) != 0) TakeRecords(ref next, file);
                }

                read.Pinned = 0;
                read.Step = EpisodeReadStep.FilesRead;
                moves.Add(next, "the read takes the files");
                break;
            case EpisodeReadStep.FilesRead when state.Read.Packs[0] != state.Packs[0] || state.Read.Packs[1] != state.Packs[1]:
                read = new EpisodeRead { Step = EpisodeReadStep.Begun, Asked = state.Read.Asked };
                moves.Add(next, "the read misses chunks and starts again");
                break;
            case EpisodeReadStep.FilesRead:
                for (var record = Step0; record < Records; record++)
                {
                    if (state.Places[record] == Place.InLog && Counts(read.Extents, state, record)) read.Got |= (byte)(1 << record);
                }

                if (next.Fault == ReadFault.None && (read.Asked & ~read.Got) != 0) next.Fault = ReadFault.Lost;
                read = new EpisodeRead { Step = EpisodeReadStep.Done };
                moves.Add(next, "the read takes the logs and answers");
                break;
        }
    }

    private static void TakeRecords(ref SealAndCompactState state, int file)
    {
        var isDay = (DayFiles >> file & 1) != 0;
        for (var record = Step0; record < Records; record++)
        {
            if ((state.Contents[file] >> record & 1) == 0 || !(isDay || Counts(state.Read.Extents, state, record))) continue;
            if ((state.Read.Got >> record & 1) != 0) state.Fault = ReadFault.Doubled;
            state.Read.Got |= (byte)(1 << record);
        }
    }

    private static bool IsAcknowledged(in SealAndCompactState state, int record) => state.Places[record] is Place.InLog or Place.Packed;

    private static bool Counts(byte extents, in SealAndCompactState state, int record) => (extents >> state.Terms[record] & 1) != 0;

    private static (int Copies, bool IsInDay) Copies(in SealAndCompactState state, int record)
    {
        var (copies, isInDay) = (state.Places[record] == Place.InLog ? 1 : 0, false);
        for (var file = 0; file < 8; file++)
        {
            if (((state.Listed >> file) & (state.Contents[file] >> record) & 1) == 0) continue;
            copies++;
            isInDay |= (DayFiles >> file & 1) != 0;
        }

        return (copies, isInDay);
    }

    private static int Union(in SealAndCompactState state, int files)
    {
        var records = 0;
        for (var file = 0; file < 8; file++)
        {
            if ((files >> file & 1) != 0) records |= state.Contents[file];
        }

        return records;
    }

    private static void ForgetWhatItRead(ref SealAndCompactState state, int i) =>
        (state.Contents[Compacted + (i * 2)], state.Contents[Compacted + (i * 2) + 1]) = ((byte)0, (byte)0);
}
