using NixStore.Engine.Verification;
using Spectre.Console;

namespace NixStore.Rescue.Output;

/// <summary>For people: a bar while it takes long, at the end a table of what was found or done, and a line that counts.</summary>
internal sealed class TerminalReport : IReport
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(200);

    private readonly List<StorePathInfo> _invalid = [];
    private readonly List<StorePathRepair> _repairs = [];
    private long _valid;

    /// <inheritdoc/>
    public void Write(StorePathInfo path)
    {
        if (path.State == StorePathState.Valid)
        {
            _valid++;
        }
        else
        {
            _invalid.Add(path);
        }
    }

    /// <inheritdoc/>
    public void Write(StorePathRepair repair)
    {
        _repairs.Add(repair);
        AnsiConsole.MarkupLineInterpolated($"{repair.Outcome} {repair.Path}");
    }

    /// <inheritdoc/>
    public void WriteName(string path) => AnsiConsole.MarkupLineInterpolated($"{path}");

    /// <inheritdoc/>
    public void Write(StoreDatabaseBackup backup) => AnsiConsole.MarkupLineInterpolated($"{BackupText.Describe(backup)}");

    /// <inheritdoc/>
    public void Write(StoreGeneration generation) => AnsiConsole.MarkupLineInterpolated($"Removed {generation.Link}");

    /// <inheritdoc/>
    public void Write(StoreGarbage garbage)
        => AnsiConsole.MarkupLineInterpolated($"{garbage.Kind} {garbage.Path} {ByteSize.Format(garbage.ReclaimableSize)}");

    /// <inheritdoc/>
    public void Write(StoreCollectionItem item) => AnsiConsole.MarkupLineInterpolated($"{item.Outcome} {item.Path} {item.Reason}");

    /// <inheritdoc/>
    public void Write(StoreCollection collection) => AnsiConsole.MarkupLineInterpolated($"{CollectionText.Describe(collection)}");

    /// <inheritdoc/>
    public void Write(StoreOptimisation optimisation) => AnsiConsole.MarkupLineInterpolated($"{OptimisationText.Describe(optimisation)}");

    /// <inheritdoc/>
    public void Write(OverlayPublication publication) => AnsiConsole.MarkupLineInterpolated($"{publication}");

    /// <inheritdoc/>
    public void Write(OverlayDuplicate duplicate) => AnsiConsole.MarkupLineInterpolated($"{duplicate}");

    /// <inheritdoc/>
    public void Write(StoreStatus status)
    {
        var facts = new Grid().AddColumn().AddColumn();
        foreach (var (name, fact) in StatusText.Describe(status))
        {
            facts.AddRow(new Text(name, name == "problem" ? Color.Yellow : Style.Plain), new Text(fact));
        }

        AnsiConsole.Write(facts);
    }

    /// <inheritdoc/>
    public void Write(StoreRoot root) => AnsiConsole.MarkupLineInterpolated($"{root.Kind} {root.Path} {TraceText.DescribeRoot(root)}");

    /// <inheritdoc/>
    public void Write(StoreTrace trace)
    {
        if (trace.Chain.Count > 0 && trace.Root is { } root)
        {
            WriteChain(TraceText.DescribeRoot(root), trace.Chain.Select((path, step) => step == 0 ? path : $"{TraceText.Arrow(trace.Edges[step - 1])} {path}"));
        }

        var (state, color) = trace.Alive ? ("Alive", Color.Green) : ("Dead", Color.Yellow);
        var note = trace.Note is null ? "" : $"; {trace.Note}";
        var saving = trace.ReclaimableCount is { } count ? $"; without it {count} paths, {ByteSize.Format(trace.ReclaimableSize)} would be dead" : "";
        AnsiConsole.Write(new Text(state, color));
        AnsiConsole.WriteLine($" {trace.Path}{saving}{note}");
    }

    /// <inheritdoc/>
    public void Write(StoreDependency dependency) => WriteChain(dependency.Chain[0], dependency.Chain.Skip(1));

    /// <inheritdoc/>
    public void Write(StoreFinding finding) => AnsiConsole.MarkupLineInterpolated($"{DoctorText.Describe(finding)}");

    /// <inheritdoc/>
    public void Write(StoreRepairStep step) => AnsiConsole.MarkupLineInterpolated($"{DoctorText.Describe(step)}");

    /// <inheritdoc/>
    public void Write(NixStoreRepair repair)
    {
        foreach (var line in DoctorText.Describe(repair))
        {
            AnsiConsole.MarkupLineInterpolated($"{line}");
        }
    }

    /// <inheritdoc/>
    public void Warn(string message) => AnsiConsole.MarkupLineInterpolated($"[yellow]{message}[/]");

    /// <inheritdoc/>
    public void WriteError(NixStoreException error)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]{error.Message}[/]");
        if (error.Remedy is not null)
        {
            AnsiConsole.MarkupLineInterpolated($"{error.Remedy}");
        }
    }

    /// <inheritdoc/>
    public void Track(string activity, VerificationProgress progress, Action work) => AnsiConsole.Progress().AutoClear(true).Start(display =>
    {
        var bar = display.AddTask(activity);
        var task = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(s_tick))
        {
            bar.MaxValue = Math.Max(progress.TotalBytes, 1);
            bar.Value = progress.Bytes;
        }

        task.GetAwaiter().GetResult();
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_invalid.Count > 0)
        {
            var table = NewTable("State", "Path", "Problems");
            foreach (var path in _invalid)
            {
                table.AddRow(new Text(path.State.ToString()), new Text(path.Path), new Text(string.Join('\n', path.Problems)));
            }

            AnsiConsole.Write(table);
        }

        if (_repairs.Count > 0)
        {
            var table = NewTable("Outcome", "Path", "Done");
            foreach (var repair in _repairs)
            {
                table.AddRow(new Text(repair.Outcome.ToString()), new Text(repair.Path), new Text(RepairText.Describe(repair)));
            }

            AnsiConsole.Write(table);
        }

        WriteCounts();
    }

    /// <summary>Each below the one that keeps it.</summary>
    private static void WriteChain(string first, IEnumerable<string> others)
    {
        var tree = new Tree(new Text(first));
        IHasTreeNodes last = tree;
        foreach (var path in others)
        {
            last = last.AddNode(new Text(path));
        }

        AnsiConsole.Write(tree);
    }

    private void WriteCounts()
    {
        if (_valid + _invalid.Count > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"{_valid} valid, {_invalid.Count} not.");
        }

        if (_repairs.Count > 0)
        {
            var repaired = _repairs.Count(repair => repair.Outcome != RepairOutcome.Failed);
            AnsiConsole.MarkupLineInterpolated($"{repaired} repaired, {_repairs.Count - repaired} not.");
        }
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }
}
