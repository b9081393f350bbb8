namespace NixStore.Rescue.Output;

/// <summary>The repair of a store, in lines for people.</summary>
internal static class DoctorText
{
    /// <summary>A finding.</summary>
    internal static string Describe(StoreFinding finding)
        => $"{finding.Severity,-12}{finding.Area,-9} {(finding.Path is null || finding.Detail.Contains(finding.Path, StringComparison.Ordinal) ? "" : $"{finding.Path}: ")}{finding}";

    /// <summary>A step.</summary>
    internal static string Describe(StoreRepairStep step)
    {
        var name = step.Path is null || step.Detail.Contains(step.Path, StringComparison.Ordinal) ? "" : $"{step.Path}: ";
        var source = step.Source is null ? "" : $" (from {step.Source})";
        return $"{step.Outcome,-8} {step.Number}. {name}{step.Detail}{source}{(step.Error is null ? "" : $": {step.Error}")}";
    }

    /// <summary>The whole, a line each.</summary>
    internal static IEnumerable<string> Describe(NixStoreRepair repair)
    {
        if (repair.Remaining.Any(finding => finding.Severity > StoreFindingSeverity.Information))
        {
            yield return repair.IsApplied ? "What is left:" : "What would be left:";
            foreach (var finding in repair.Remaining.Where(finding => finding.Severity > StoreFindingSeverity.Information))
            {
                yield return $"  {Describe(finding)}{(finding.Remedy is null ? "" : $" {finding.Remedy}")}";
            }
        }

        if (repair.ReplacedDatabase is not null)
        {
            yield return $"The database as it was is in {repair.ReplacedDatabase}.";
        }

        if (repair.PathsSetAside > 0)
        {
            yield return $"{repair.PathsSetAside} set aside in the trash; Restore-StoreTrash -SkipVerification brings them back.";
        }

        yield return repair switch
        {
            { IsApplied: false, Steps.Count: 0 } => "Nothing would be done.",
            { IsApplied: false } => $"{repair.Steps.Count} steps would be taken.",
            { IsHealthy: true } => $"{repair.Steps.Count} steps, {repair.PathsRepaired} paths repaired: the store is healthy.",
            _ => $"{repair.Steps.Count} steps, {repair.PathsRepaired} paths repaired: the store is not healthy yet.",
        };
    }
}
