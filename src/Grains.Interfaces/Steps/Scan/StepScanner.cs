namespace Rollbook.Steps;

/// <summary>
/// Finds the parts of a step in one pass of a <see cref="JsonScanner"/>. It takes a step only where it is sure of every byte: whatever is unusual or wrong, it
/// leaves to <see cref="StepParser"/>, so that the faults are worded in one place. Tests hold the two to the same entries.
/// </summary>
internal static class StepScanner
{
    // More would make comparing each name with each slow.
    private const int MaxUnknown = 16;

    /// <summary>Reads the step that begins next.</summary>
    /// <param name="scanner">Afterwards behind the step; anywhere, if this answers false.</param>
    /// <param name="json">The scanner's text.</param>
    /// <param name="parts">Takes the parts.</param>
    /// <param name="line">The step's bytes if they are its canonical line already, else empty.</param>
    public static bool TryRead(ref JsonScanner scanner, ReadOnlySpan<byte> json, StepParts parts, out ReadOnlySpan<byte> line)
    {
        line = default;
        parts.Reset();
        if (!scanner.Take((byte)'{')) return false;
        var start = scanner.At - 1;
        var canonical = 1;
        var previous = -1;
        do
        {
            if (!TryReadMember(ref scanner, json, parts, out var index)) return false;
            if (index <= previous || parts.Values[index].Marked) canonical = int.MinValue;
            else canonical += StepFieldNames.Prefixes[index].Length + parts.Values[index].Length;
            previous = index;
        }
        while (scanner.Take((byte)','));
        if (!scanner.Take((byte)'}') || parts.Values[(int)StepField.ActionType].Length == 0) return false;
        // All names and values in the contract's order, and not one byte besides.
        if (canonical == scanner.At - start) line = json[start..scanner.At];
        return true;
    }

    private static bool TryReadMember(ref JsonScanner scanner, ReadOnlySpan<byte> json, StepParts parts, out int index)
    {
        index = -1;
        scanner.Next();
        var nameStart = scanner.At;
        if (!scanner.String(out var escaped) || escaped) return false;
        var name = json[nameStart..scanner.At];
        if (!scanner.Take((byte)':')) return false;
        index = StepFieldNames.Find(name[1..^1]);
        var first = scanner.Next();
        var start = scanner.At;
        scanner.Spaced = false;
        if (index < 0)
        {
            if (!IsNew(name, json, parts) || !scanner.Value()) return false;
            parts.Add(new StepParts.Member(new StepParts.Slice(nameStart, name.Length, false), new StepParts.Slice(start, scanner.At - start, scanner.Spaced)));
            return true;
        }

        ref var value = ref parts.Values[index];
        if (value.Start > 0) return false;
        if (first == 'n' && index != (int)StepField.Observation)
        {
            value = new StepParts.Slice(start, 0, false);
            return scanner.Word("null"u8);
        }

        if (!TryReadValue((StepField)index, first, ref scanner, ref parts.Head)) return false;
        value = new StepParts.Slice(start, scanner.At - start, scanner.Spaced);
        return true;
    }

    // The types of StepFieldTypes.
    private static bool TryReadValue(StepField field, byte first, ref JsonScanner scanner, ref StepParts.Numbers head)
    {
        switch (field)
        {
            case StepField.Observation:
                return scanner.Value();
            case StepField.FileDiff or StepField.Extra:
                return first == '{' && scanner.Value();
            case StepField.StepNumber:
                return scanner.Number(out var number) && number.TryGetInteger(out head.StepNumber);
            case StepField.ActionContentLength:
                return scanner.Number(out var length) && length.TryGetInteger(out _);
            case StepField.Timestamp:
                head.Flags |= StepFlags.HasTimestamp;
                return TryReadNumber(ref scanner, out _);
            case StepField.Reward:
                return TryReadNumber(ref scanner, out head.Reward);
            case StepField.CumulativeReward:
                return TryReadNumber(ref scanner, out head.CumulativeReward);
            case StepField.TestPassRate:
                return TryReadNumber(ref scanner, out head.PassRate);
            case StepField.DurationMs:
                return TryReadNumber(ref scanner, out _);
            case StepField.Done:
                if (first == 't') head.Flags |= StepFlags.Done;
                return first == 't' ? scanner.Word("true"u8) : scanner.Word("false"u8);
            case StepField.SecurityFlags:
                return TryReadFlags(ref scanner, ref head);
            case StepField.Error:
                var start = scanner.At;
                if (!scanner.String(out _)) return false;
                // Longer than its quotes.
                if (scanner.At - start > 2) head.Flags |= StepFlags.Error;
                return true;
            default:
                // A reference to a large value, which is an object, is unusual.
                return scanner.String(out _);
        }
    }

    private static bool TryReadNumber(ref JsonScanner scanner, out double value)
    {
        value = 0;
        return scanner.Number(out var number) && number.TryGetDouble(out value);
    }

    private static bool TryReadFlags(ref JsonScanner scanner, ref StepParts.Numbers head)
    {
        if (!scanner.Take((byte)'[')) return false;
        if (scanner.Take((byte)']')) return true;
        head.Flags |= StepFlags.Flagged;
        do
        {
            if (!scanner.String(out _)) return false;
        }
        while (scanner.Take((byte)','));
        return scanner.Take((byte)']');
    }

    private static bool IsNew(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, StepParts parts)
    {
        if (parts.UnknownCount == MaxUnknown) return false;
        foreach (var member in parts.Unknown)
        {
            if (json.Slice(member.Name.Start, member.Name.Length).SequenceEqual(name)) return false;
        }

        return true;
    }
}
