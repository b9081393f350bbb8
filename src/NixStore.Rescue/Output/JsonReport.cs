using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using NixStore.Engine.Verification;

namespace NixStore.Rescue.Output;

/// <summary>One JSON object a line: results on standard output, warnings and errors on standard error.</summary>
internal sealed class JsonReport : IReport
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly LineWriter _lines = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes the report.</summary>
    public JsonReport() => _json = new Utf8JsonWriter(_buffer, s_options);

    /// <inheritdoc/>
    public void Write(StorePathInfo path)
    {
        _json.WriteStartObject();
        _json.WriteString("path"u8, path.Path);
        _json.WriteString("state"u8, path.State.ToString());
        _json.WriteBoolean("invalid"u8, path.Invalid);
        WriteProblems(path.Problems);
        WriteOptional("narHash", path.NarHash?.ToString());
        if (path.NarSize is { } size)
        {
            _json.WriteNumber("narSize"u8, size);
        }

        WriteList("references", path.References);
        WriteOptional("deriver", path.Deriver);
        WriteOptional("ca", path.ContentAddress?.ToString());
        WriteList("signatures", path.Signatures.Select(signature => signature.ToString()));
        if (path.RegistrationTime is { } time)
        {
            _json.WriteNumber("registrationTime"u8, time.ToUnixTimeSeconds());
        }

        _json.WriteBoolean("ultimate"u8, path.Ultimate);
        _json.WriteString("realPath"u8, path.RealPath);
        _json.WriteString("store"u8, path.Store);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void Write(StorePathRepair repair)
    {
        _json.WriteStartObject();
        _json.WriteString("path"u8, repair.Path);
        _json.WriteString("outcome"u8, repair.Outcome.ToString());
        WriteOptional("source", repair.Source);
        WriteList("files", repair.Files);
        WriteList("columns", repair.Columns);
        _json.WriteNumber("bytesWritten"u8, repair.BytesWritten);
        _json.WriteNumber("bytesRead"u8, repair.BytesRead);
        WriteProblems(repair.Problems);
        WriteList("alsoRepaired", repair.AlsoRepaired);
        _json.WriteNumber("seconds"u8, repair.Duration.TotalSeconds);
        _json.WriteString("store"u8, repair.Store);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void WriteName(string path)
    {
        _json.WriteStartObject();
        _json.WriteString("path"u8, path);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreGarbage garbage)
    {
        _json.WriteStartObject();
        _json.WriteString("path"u8, garbage.Path);
        _json.WriteString("kind"u8, garbage.Kind.ToString());
        _json.WriteNumber("reclaimableSize"u8, garbage.ReclaimableSize ?? 0);
        _json.WriteString("store"u8, garbage.Store);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreCollectionItem item)
    {
        _json.WriteStartObject();
        _json.WriteString("path"u8, item.Path);
        _json.WriteString("kind"u8, item.Kind.ToString());
        _json.WriteString("outcome"u8, item.Outcome.ToString());
        _json.WriteNumber("freedBytes"u8, item.FreedBytes);
        WriteOptional("reason", item.Reason);
        _json.WriteString("store"u8, item.Store);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreCollection collection)
    {
        _json.WriteStartObject();
        _json.WriteString("id"u8, collection.Id);
        _json.WriteNumber("removedCount"u8, collection.RemovedCount);
        _json.WriteNumber("freedBytes"u8, collection.FreedBytes);
        _json.WriteNumber("inUseCount"u8, collection.InUseCount);
        _json.WriteNumber("failedCount"u8, collection.FailedCount);
        _json.WriteBoolean("trashed"u8, collection.Trashed);
        _json.WriteString("journal"u8, collection.Journal);
        _json.WriteNumber("seconds"u8, collection.Duration.TotalSeconds);
        _json.WriteString("store"u8, collection.Store);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void Write(StoreOptimisation optimisation)
    {
        _json.WriteStartObject();
        _json.WriteBoolean("prediction"u8, optimisation.IsPrediction);
        _json.WriteNumber("paths"u8, optimisation.Paths);
        _json.WriteNumber("filesExamined"u8, optimisation.FilesExamined);
        _json.WriteNumber("filesLinked"u8, optimisation.FilesLinked);
        _json.WriteNumber("bytesFreed"u8, optimisation.BytesFreed);
        _json.WriteNumber("linksCreated"u8, optimisation.LinksCreated);
        _json.WriteNumber("filesSkipped"u8, optimisation.FilesSkipped);
        _json.WriteNumber("badLinks"u8, optimisation.BadLinks);
        _json.WriteNumber("badLinksMended"u8, optimisation.BadLinksMended);
        _json.WriteNumber("seconds"u8, optimisation.Duration.TotalSeconds);
        _json.WriteString("store"u8, optimisation.Store);
        _json.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void Warn(string message)
    {
        _json.WriteStartObject();
        _json.WriteString("warning"u8, message);
        _json.WriteEndObject();
        EndErrorLine();
    }

    /// <inheritdoc/>
    public void WriteError(NixStoreException error)
    {
        _json.WriteStartObject();
        _json.WriteString("error"u8, error.ErrorId);
        _json.WriteString("kind"u8, error.Kind.ToString());
        _json.WriteString("message"u8, error.Message);
        WriteOptional("target", error.Target);
        WriteOptional("remedy", error.Remedy);
        _json.WriteEndObject();
        EndErrorLine();
    }

    /// <inheritdoc/>
    public void Track(string activity, VerificationProgress progress, Action work) => work();

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _lines.Dispose();
    }

    private void WriteProblems(IReadOnlyList<StorePathProblem> problems)
    {
        if (problems.Count == 0)
        {
            return;
        }

        _json.WriteStartArray("problems"u8);
        foreach (var problem in problems)
        {
            _json.WriteStartObject();
            _json.WriteString("kind"u8, problem.Kind.ToString());
            _json.WriteString("file"u8, problem.File);
            WriteOptional("expected", problem.Expected);
            WriteOptional("actual", problem.Actual);
            WriteOptional("detail", problem.Detail);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteList(string name, IEnumerable<string> values)
    {
        _json.WriteStartArray(name);
        foreach (var value in values)
        {
            _json.WriteStringValue(value);
        }

        _json.WriteEndArray();
    }

    private void WriteOptional(string name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, value);
        }
    }

    private void EndLine()
    {
        _json.Flush();
        _lines.Append(_buffer.WrittenSpan).EndLine();
        _buffer.ResetWrittenCount();
        _json.Reset();
    }

    private void EndErrorLine()
    {
        _json.Flush();
        _lines.Flush();
        using var errors = Console.OpenStandardError();
        errors.Write(_buffer.WrittenSpan);
        errors.Write("\n"u8);
        _buffer.ResetWrittenCount();
        _json.Reset();
    }
}
