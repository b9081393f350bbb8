using System.Text.Json;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>What `nixstore doctor --json` ended with: its last line is the report of the whole repair.</summary>
internal sealed class DoctorResult
{
    internal DoctorResult(CommandResult result)
    {
        (ExitCode, Output, Error) = (result.ExitCode, result.Output, result.Error);
        if (result.Output.Split('\n')[^1] is ['{', ..] line && JsonDocument.Parse(line).RootElement is var report && report.TryGetProperty("remaining", out var remaining))
        {
            Remaining = [.. remaining.EnumerateArray().Select(Finding.From).Where(finding => finding.Severity != nameof(StoreFindingSeverity.Information))];
            HasReport = true;
        }
    }

    /// <summary>0: nothing is wrong any more; 1: something is; others: it was refused.</summary>
    internal int ExitCode { get; }

    /// <summary>Standard output.</summary>
    internal string Output { get; }

    /// <summary>Standard error.</summary>
    internal string Error { get; }

    /// <summary>True when there is a report.</summary>
    internal bool HasReport { get; }

    /// <summary>What is left and matters.</summary>
    internal IReadOnlyList<Finding> Remaining { get; } = [];

    /// <summary>What became of the store.</summary>
    internal DoctorFate Fate => !HasReport || ExitCode > 1 ? DoctorFate.Refused : ExitCode == 0 ? DoctorFate.Healed : DoctorFate.Named;

    /// <summary>The names of the paths that are left, without their hash parts.</summary>
    internal IReadOnlyList<string> Names => [.. Remaining.Select(finding => finding.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";

    /// <summary>One thing that is left.</summary>
    internal sealed record Finding(string Kind, string Severity, string? Path, string Detail, string? Remedy)
    {
        /// <summary>What the path is called; the kind where it is about none.</summary>
        internal string Name => Path is null ? Kind : System.IO.Path.GetFileName(Path) is { Length: > 33 } name && StorePath.TryParse(name, out _) ? name[33..] : Path;

        internal static Finding From(JsonElement json) => new(Text(json, "kind")!, Text(json, "severity")!, Text(json, "path"), Text(json, "detail")!, Text(json, "remedy"));

        private static string? Text(JsonElement json, string property) => json.TryGetProperty(property, out var value) ? value.GetString() : null;
    }
}
