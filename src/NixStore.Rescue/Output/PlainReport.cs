using NixStore.Engine.Verification;

namespace NixStore.Rescue.Output;

/// <summary>One line for each result: its state or outcome, its path, then what there is to say of it.</summary>
internal sealed class PlainReport : IReport
{
    private const string Blanks = "            ";

    private readonly LineWriter _lines = new();

    /// <summary>Writes a line of text.</summary>
    public void WriteLine(string text) => _lines.Append(text).EndLine();

    /// <inheritdoc/>
    public void Write(StorePathInfo path)
    {
        Begin(StateName(path.State), path.Path);
        for (var i = 0; i < path.Problems.Count; i++)
        {
            _lines.Append(i == 0 ? "  " : "; ").Append(path.Problems[i].ToString());
        }

        _lines.EndLine();
    }

    /// <inheritdoc/>
    public void Write(StorePathRepair repair)
    {
        Begin(repair.Outcome.ToString(), repair.Path);
        _lines.Append(RepairText.Describe(repair) is { Length: > 0 } details ? "  " + details : "").EndLine();
    }

    /// <inheritdoc/>
    public void WriteName(string path) => WriteLine(path);

    /// <inheritdoc/>
    public void Write(StoreDatabaseBackup backup) => WriteLine(BackupText.Describe(backup));

    /// <inheritdoc/>
    public void Write(StoreGeneration generation)
    {
        Begin("Removed", generation.Link);
        _lines.EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreGarbage garbage)
    {
        Begin(garbage.Kind.ToString(), garbage.Path);
        _lines.Append($"  {ByteSize.Format(garbage.ReclaimableSize)}").EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreCollectionItem item)
    {
        Begin(item.Outcome.ToString(), item.Path);
        _lines.Append(item.Reason is null ? "" : $"  {item.Reason}").EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreCollection collection) => WriteLine(CollectionText.Describe(collection));

    /// <inheritdoc/>
    public void Write(StoreOptimisation optimisation) => WriteLine(OptimisationText.Describe(optimisation));

    /// <inheritdoc/>
    public void Write(OverlayPublication publication)
    {
        Begin(publication.Method.ToString(), publication.Path);
        _lines.EndLine();
    }

    /// <inheritdoc/>
    public void Write(OverlayDuplicate duplicate)
    {
        Begin("Removed", duplicate.Path);
        _lines.Append($"  {ByteSize.Format(duplicate.BytesFreed)} freed in the upper layer").EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreStatus status)
    {
        foreach (var (name, fact) in StatusText.Describe(status))
        {
            Begin(name, fact);
            _lines.EndLine();
        }
    }

    /// <inheritdoc/>
    public void Write(StoreRoot root)
    {
        Begin(root.Kind.ToString(), root.Path ?? "-");
        _lines.Append("  ").Append(TraceText.DescribeRoot(root))
            .Append(root.State == StoreRootState.Active ? "" : $"  {root.State}")
            .Append(root.ClosureSize is null ? "" : $"  {ByteSize.Format(root.ClosureSize)}").EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreTrace trace)
    {
        Begin(trace.Alive ? "Alive" : "Dead", trace.Path);
        _lines.Append("  ").Append(TraceText.Describe(trace)).EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreDependency dependency) => WriteLine(dependency.ToString());

    /// <inheritdoc/>
    public void Write(StoreFinding finding) => WriteLine(DoctorText.Describe(finding));

    /// <inheritdoc/>
    public void Write(StoreRepairStep step) => WriteLine(DoctorText.Describe(step));

    /// <inheritdoc/>
    public void Write(NixStoreRepair repair)
    {
        foreach (var line in DoctorText.Describe(repair))
        {
            WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void Warn(string message) => WriteToErrors($"warning: {message}");

    /// <inheritdoc/>
    public void WriteError(NixStoreException error)
        => WriteToErrors(error.Remedy is null ? $"error: {error.Message}" : $"error: {error.Message} {error.Remedy}");

    /// <inheritdoc/>
    public void Track(string activity, VerificationProgress progress, Action work) => work();

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private void Begin(string word, string path)
        => _lines.Append(word).Append(Blanks.AsSpan(Math.Min(word.Length, Blanks.Length - 1))).Append(path);

    private void WriteToErrors(string text)
    {
        _lines.Flush();
        Console.Error.WriteLine(text);
    }

    /// <summary>Not made anew for each of a million paths.</summary>
    private static string StateName(StorePathState state) => state == StorePathState.Valid ? nameof(StorePathState.Valid) : state.ToString();
}
