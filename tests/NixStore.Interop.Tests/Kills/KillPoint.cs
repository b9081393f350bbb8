namespace NixStore.Interop.Tests.Kills;

/// <summary>A call at which a run is killed.</summary>
/// <param name="Call">The call, as it was in a run that nobody killed.</param>
/// <param name="Description">The call without what differs from run to run.</param>
/// <param name="File">The open file it is about, below the root of the store; null when it is about a name, or the file is never called the same.</param>
/// <param name="OrdinalOnFile">Which of the calls of that name on that file it is, from 1.</param>
/// <param name="OrdinalOfItsKind">Which of the calls with that description it is, from 1.</param>
internal sealed record KillPoint(SystemCall Call, string Description, string? File, int OrdinalOnFile, int OrdinalOfItsKind)
{
    /// <summary>The point of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="run">The run it is from.</param>
    /// <param name="roots">The directories of the stores of that run.</param>
    internal static KillPoint Of(SystemCall call, TracedRun run, params string[] roots)
    {
        var description = call.Describe(roots);
        var file = roots.FirstOrDefault(root => call.OpenFile?.StartsWith(root, StringComparison.Ordinal) == true) is { } root ? call.OpenFile![root.Length..] : null;
        var before = run.Calls.TakeWhile(other => !ReferenceEquals(other, call)).Where(other => other.Thread == call.Thread && other.Name == call.Name).ToList();
        return new KillPoint(call, description, file is not null && description.Contains(file, StringComparison.Ordinal) ? file : null,
            before.Count(other => other.OpenFile == call.OpenFile) + 1, before.Count(other => other.Describe(roots) == description) + 1);
    }

    /// <summary>True when the call in which a run was killed is this one.</summary>
    internal bool IsLastOf(TracedRun run, params string[] roots)
        => run.Calls.LastOrDefault(call => call.Result.StartsWith('?')) is { } last && last.Name == Call.Name && last.Describe(roots) == Description;

    /// <inheritdoc/>
    public override string ToString() => Description;
}
