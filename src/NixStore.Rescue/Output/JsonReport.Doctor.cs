using System.Text.Json;

namespace NixStore.Rescue.Output;

internal sealed partial class JsonReport
{
    /// <inheritdoc/>
    public void Write(StoreFinding finding) => WriteLine(finding, static (json, finding) => WriteFields(json, finding));

    /// <inheritdoc/>
    public void Write(StoreRepairStep step) => WriteLine(step, static (json, step) =>
    {
        json.WriteNumber("step"u8, step.Number);
        json.WriteString("kind"u8, step.Kind.ToString());
        json.WriteString("outcome"u8, step.Outcome.ToString());
        WriteOptional(json, "path", step.Path);
        json.WriteString("detail"u8, step.Detail);
        WriteOptional(json, "source", step.Source);
        WriteOptional(json, "certainty", step.Certainty?.ToString());
        WriteOptional(json, "error", step.Error);
        json.WriteString("store"u8, step.Store);
    });

    /// <inheritdoc/>
    public void Write(NixStoreRepair repair) => WriteLine(repair, static (json, repair) =>
    {
        json.WriteBoolean("applied"u8, repair.IsApplied);
        json.WriteBoolean("healthy"u8, repair.IsHealthy);
        json.WriteNumber("findings"u8, repair.Findings.Count);
        json.WriteNumber("steps"u8, repair.Steps.Count);
        json.WriteStartArray("remaining"u8);
        foreach (var finding in repair.Remaining)
        {
            json.WriteStartObject();
            WriteFields(json, finding);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteOptional(json, "backup", repair.Backup);
        WriteOptional(json, "replacedDatabase", repair.ReplacedDatabase);
        json.WriteNumber("pathsRepaired"u8, repair.PathsRepaired);
        json.WriteNumber("pathsSetAside"u8, repair.PathsSetAside);
        json.WriteNumber("bytesWritten"u8, repair.BytesWritten);
        json.WriteNumber("startTime"u8, repair.StartTime.ToUnixTimeSeconds());
        json.WriteNumber("seconds"u8, repair.Duration.TotalSeconds);
        json.WriteString("store"u8, repair.Store);
    });

    private static void WriteFields(Utf8JsonWriter json, StoreFinding finding)
    {
        json.WriteString("area"u8, finding.Area.ToString());
        json.WriteString("kind"u8, finding.Kind);
        json.WriteString("severity"u8, finding.Severity.ToString());
        WriteOptional(json, "path", finding.Path);
        json.WriteString("detail"u8, finding.Detail);
        WriteOptional(json, "remedy", finding.Remedy);
        json.WriteString("store"u8, finding.Store);
    }
}
