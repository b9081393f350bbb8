using System.Diagnostics;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Doctor;

/// <summary>Gathers what a repair of a store finds and does, and numbers its steps.</summary>
internal sealed class DoctorReport(StoreLocation store, DoctorOptions options)
{
    private readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    private readonly long _ticks = Stopwatch.GetTimestamp();
    private readonly List<StoreFinding> _findings = [];
    private readonly List<StoreRepairStep> _steps = [];
    private readonly List<StoreFinding> _remaining = [];

    /// <summary>The steps so far.</summary>
    internal IReadOnlyList<StoreRepairStep> Steps => _steps;

    internal string? Backup { get; set; }

    internal string? ReplacedDatabase { get; set; }

    internal int PathsSetAside { get; set; }

    internal int PathsRepaired { get; set; }

    internal long BytesWritten { get; set; }

    /// <summary>Notes what is wrong.</summary>
    internal void Found(StoreFinding finding)
    {
        _findings.Add(finding);
        options.Found?.Invoke(finding);
    }

    /// <summary>Notes what is left.</summary>
    internal void Left(StoreFinding finding) => _remaining.Add(finding);

    /// <summary>Notes a step that only its engine has numbered.</summary>
    internal void Step(StoreRepairStep step)
    {
        _steps.Add(step with { Number = _steps.Count + 1 });
        options.Stepped?.Invoke(_steps[^1]);
    }

    /// <summary>Notes a step.</summary>
    internal void Step(StoreRepairStepKind kind, string? path, string detail, StoreRepairStepOutcome outcome, string? source = null, NixStoreException? error = null)
        => Step(new StoreRepairStep
        {
            Store = store.Url,
            Number = 0,
            Kind = kind,
            Path = path,
            Detail = detail,
            Source = source,
            Outcome = outcome,
            Error = error is null ? null : error.Remedy is null ? error.Message : $"{error.Message} {error.Remedy}",
        });

    /// <summary>The report.</summary>
    internal NixStoreRepair Finish(bool isApplied) => new()
    {
        Store = store.Url,
        StartTime = _start,
        Duration = Stopwatch.GetElapsedTime(_ticks),
        IsApplied = isApplied,
        Findings = _findings,
        Steps = _steps,
        Remaining = _remaining,
        Backup = Backup,
        ReplacedDatabase = ReplacedDatabase,
        PathsSetAside = PathsSetAside,
        PathsRepaired = PathsRepaired,
        BytesWritten = BytesWritten,
    };
}
