using System.Globalization;
using NixStore.Engine.Database;
using NixStore.Engine.Salvage;
using NixStore.Engine.Stores;
using static NixStore.StoreDatabaseFindingKind;

namespace NixStore.Engine.Healing;

/// <summary>Says, step by step, how what a database has becomes what it is to have.</summary>
internal sealed class HealingSteps
{
    private static readonly HashSet<StoreDatabaseFindingKind> s_index = [IndexMismatch, RowDuplicate, ObjectMissing];
    private static readonly HashSet<StoreDatabaseFindingKind> s_structure
        = [DatabaseMissing, DatabaseEmpty, DatabaseUnreadable, DatabaseTruncated, PageDamaged, PageLost, LogDamaged];

    private readonly StoreLocation _store;
    private readonly List<StoreRepairStep> _steps = [];

    private HealingSteps(StoreLocation store) => _store = store;

    /// <summary>The steps, in their order; none when nothing is to be done.</summary>
    /// <param name="store">The store.</param>
    /// <param name="rows">The rows as they are to be.</param>
    /// <param name="findings">What an examination has found.</param>
    /// <param name="isRebuilt">True when everything is made anew, whatever there is.</param>
    internal static IReadOnlyList<StoreRepairStep> List(
        StoreLocation store, HealedRows rows, IReadOnlyList<StoreDatabaseFinding> findings, bool isRebuilt)
    {
        var steps = new HealingSteps(store);
        steps.AddStructure(rows.Damaged, findings);
        steps.AddRows(rows);
        steps.AddLoose(rows.Damaged, findings);
        if (steps._steps.Count > 0 || isRebuilt)
        {
            steps.Add(StoreRepairStepKind.ReplaceDatabase, store.DatabasePath,
                $"put a database of {rows.Rows.Count} rows in the place of '{store.DatabasePath}', by one rename; the old one is kept beside it");
        }

        steps.AddSchema();
        return steps._steps;
    }

    private void AddStructure(DamagedRows damaged, IReadOnlyList<StoreDatabaseFinding> findings)
    {
        if (damaged.Salvaged is { } salvaged && (findings.Any(finding => s_structure.Contains(finding.Kind)) || salvaged.Losses.Count > 0))
        {
            var losses = salvaged.Losses.Count == 0 ? "" : $": {string.Join(" ", salvaged.Losses.Take(5))}{(salvaged.Losses.Count > 5 ? " …" : "")}";
            Add(StoreRepairStepKind.SalvageRows, _store.DatabasePath, salvaged.PageCount == 0
                ? $"there is nothing to be read from '{_store.DatabasePath}'"
                : $"read {salvaged.Paths.Count(DamagedRows.IsCurrent)} rows from the {salvaged.PageCount} pages of '{_store.DatabasePath}'{losses}");
        }

        foreach (var table in findings.Where(finding => s_index.Contains(finding.Kind)).GroupBy(finding => finding.Table ?? "database", StringComparer.Ordinal))
        {
            Add(StoreRepairStepKind.Reindex, null, $"make the indices of {table.Key} anew: {table.First().Detail}");
        }

        foreach (var finding in findings.Where(finding => finding.Kind == PagesFree))
        {
            Add(StoreRepairStepKind.Vacuum, _store.DatabasePath, $"give back the space: {finding.Detail}");
        }
    }

    private void AddRows(HealedRows rows)
    {
        foreach (var row in rows.Rows.OrderBy(row => row.Row.Path, StringComparer.Ordinal))
        {
            if (row.WasCurrent && row.Before!.IsComplete)
            {
                Compare(row);
            }
            else
            {
                AddRestored(row);
            }
        }

        foreach (var dropped in rows.Damaged.Nonsense)
        {
            Add(StoreRepairStepKind.DropRow, null, $"drop row {dropped.Id}, which names no path of the store: '{dropped.Row.Path}'");
        }
    }

    private void AddRestored(HealedRow row)
    {
        var (detail, source) = row switch
        {
            { IsPlaceholder: true } => ("register again, without a hash, since others refer to it and nothing else is known of it", null),
            { Source: { } name } => ("register again, as a source describes it: its row and its files are lost", name),
            { Remade: not null, Before: null } => ("register again, from its files: its row was lost", "files"),
            { Remade: not null } => ("register again, from its files and what the database still had of it", "files"),
            _ => ("register again, from what the database still had of it outside of its tables", "database"),
        };
        Add(StoreRepairStepKind.RestoreRow, row.Row.Path, Name(detail, row), source,
            row.IsPlaceholder ? StoreCertainty.Unknown : row.Source is not null ? StoreCertainty.Proved : row.Remade?.Certainty.Hash ?? StoreCertainty.Assumed);

        static string Name(string detail, HealedRow row) => row.Remade?.Certainty.Problems is { Count: > 0 } problems ? $"{detail}; suspect: {problems[0]}" : detail;
    }

    private void Compare(HealedRow row)
    {
        var before = row.Before!.Row;
        var changes = new (string Column, string? Before, string? After)[]
        {
            ("hash", before.Hash, row.Row.Hash), ("narSize", Print(before.NarSize), Print(row.Row.NarSize)),
            ("registrationTime", row.Before.MalformedColumns.Contains("registrationTime") ? null : Print(before.RegistrationTime), Print(row.Row.RegistrationTime)),
            ("deriver", before.Deriver, row.Row.Deriver), ("sigs", before.Signatures, row.Row.Signatures), ("ca", before.ContentAddress, row.Row.ContentAddress),
        }.Where(change => !string.Equals(change.Before ?? "", change.After ?? "", StringComparison.Ordinal))
            .Select(change => $"{change.Column} '{change.Before}' becomes '{change.After}'")
            .Concat(row.Before.MalformedColumns.Contains("ultimate") ? ["ultimate becomes empty"] : []).ToList();
        if (changes.Count > 0)
        {
            Add(StoreRepairStepKind.MendRow, row.Row.Path, string.Join(", ", changes), row.Remade is null ? null : "files", row.Remade?.Certainty.Hash);
        }

        CompareReferences(row);
        if (row.Row.Path.EndsWith(".drv", StringComparison.Ordinal))
        {
            CompareOutputs(row);
        }
    }

    private void CompareReferences(HealedRow row)
    {
        var before = row.Before!.Row.References.ToHashSet(StringComparer.Ordinal);
        var added = row.Row.References.Where(reference => !before.Contains(reference)).ToList();
        before.ExceptWith(row.Row.References);
        var dangling = row.Before.DanglingReferences.Count;
        if (added.Count + before.Count + dangling > 0)
        {
            var parts = new List<string>();
            if (added.Count > 0)
            {
                parts.Add($"it refers to {string.Join(", ", added)}");
            }

            if (before.Count > 0)
            {
                parts.Add($"it does not refer to {string.Join(", ", before)}");
            }

            if (dangling > 0)
            {
                parts.Add($"references to rows that do not exist are dropped: {string.Join(", ", row.Before.DanglingReferences)}");
            }

            Add(StoreRepairStepKind.MendReferences, row.Row.Path, string.Join("; ", parts), row.Remade is null ? null : "files", row.Remade?.Certainty.References);
        }
    }

    private void CompareOutputs(HealedRow row)
    {
        var before = row.Before!.Row.Outputs;
        var after = row.Row.Outputs;
        var changed = after.Where(output => before.GetValueOrDefault(output.Key) != output.Value).Select(output => $"{output.Key} is {output.Value}")
            .Concat(before.Keys.Where(name => !after.ContainsKey(name)).Select(name => $"there is no output {name}")).ToList();
        if (changed.Count > 0)
        {
            Add(StoreRepairStepKind.MendOutputs, row.Row.Path, string.Join(", ", changed), "derivation", row.Remade?.Certainty.Outputs);
        }
    }

    /// <summary>What belongs to no row, and is not written again.</summary>
    private void AddLoose(DamagedRows damaged, IReadOnlyList<StoreDatabaseFinding> findings)
    {
        if (damaged.Salvaged is not { } salvaged)
        {
            return;
        }

        var references = salvaged.LooseReferences.Count(reference => reference.Origin == SalvageOrigin.Tree);
        var outputs = salvaged.LooseOutputs.Count(output => output.Origin == SalvageOrigin.Tree);
        if (references > 0)
        {
            Add(StoreRepairStepKind.DropRow, null, $"drop {references} rows of Refs that belong to no path");
        }

        if (outputs > 0)
        {
            Add(StoreRepairStepKind.DropRow, null, $"drop {outputs} rows of DerivationOutputs that belong to no derivation");
        }

        foreach (var finding in findings.Where(finding => finding.Kind == ForeignKeyBroken))
        {
            Add(StoreRepairStepKind.DropRow, null, $"drop a row of {finding.Table}: {finding.Detail}");
        }
    }

    private void AddSchema()
    {
        if (SchemaFile.Read(_store) != SchemaFile.Current)
        {
            Add(StoreRepairStepKind.WriteSchema, _store.SchemaPath, $"write {SchemaFile.Current} into '{_store.SchemaPath}'");
        }
    }

    private static string? Print(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private void Add(
        StoreRepairStepKind kind, string? path, string detail, string? source = null, StoreCertainty? certainty = null) => _steps.Add(new StoreRepairStep
        {
            Store = _store.Url,
            Number = _steps.Count + 1,
            Kind = kind,
            Path = path,
            Detail = detail,
            Source = source,
            Certainty = certainty,
        });
}
