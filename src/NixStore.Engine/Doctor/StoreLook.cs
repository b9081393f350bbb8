using NixStore.Engine.Database;
using NixStore.Engine.Examination;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Doctor;

/// <summary>The looks at a store that the doctor decides by.</summary>
internal sealed class StoreLook(StoreLocation store, DoctorOptions options, CancellationToken cancellation)
{
    /// <summary>What an examination of the database finds, contents left aside.</summary>
    internal IReadOnlyList<StoreDatabaseFinding> ExamineDatabase()
    {
        var findings = new List<StoreDatabaseFinding>();
        options.Progress.Begin("examining the database");
        DatabaseExaminer.Examine(store, new DatabaseExaminationOptions(), findings.Add, new ExaminationProgress(), cancellation);
        return findings;
    }

    /// <summary>All paths that are not as they should be, by path: presence, contents, metadata, rows, and references that contents have.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    internal IReadOnlyList<StorePathInfo> FindDamaged()
    {
        var progress = options.Progress.Begin("reading the contents of all paths");
        using var database = StoreDatabase.OpenForReading(store);
        if (!options.Repair.AcceptEmptyStore)
        {
            PathLister.EnsureNotEmpty(database);
        }

        (progress.TotalPaths, progress.TotalBytes) = database.ReadTotals();
        using var tester = new StoreTester(store, options.Workers, null, options.Repair.TrustedKeys);
        var damaged = new List<StorePathInfo>();
        foreach (var (row, info) in tester.Test(database.ReadPaths(), cancellation))
        {
            progress.Add(row.NarSize ?? 0);
            if (info.Invalid)
            {
                damaged.Add(info);
            }
        }

        return [.. damaged.OrderBy(path => path.Path, StringComparer.Ordinal)];
    }

    /// <summary>What is alive now.</summary>
    internal StoreSurvey Survey()
    {
        using var database = StoreDatabase.OpenForReading(store);
        return StoreSurvey.Look(database, options.Settings, null, cancellation);
    }
}
