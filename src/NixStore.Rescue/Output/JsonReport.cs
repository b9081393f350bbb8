using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using NixStore.Engine.Verification;

namespace NixStore.Rescue.Output;

/// <summary>One JSON object a line: results on standard output, warnings and errors on standard error.</summary>
internal sealed partial class JsonReport : IReport
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly LineWriter _lines = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes the report.</summary>
    public JsonReport() => _json = new Utf8JsonWriter(_buffer, s_options);

    /// <inheritdoc/>
    public void Write(StorePathInfo path) => WriteLine(path, static (json, path) =>
    {
        json.WriteString("path"u8, path.Path);
        json.WriteString("state"u8, path.State.ToString());
        json.WriteBoolean("invalid"u8, path.Invalid);
        WriteProblems(json, path.Problems);
        WriteOptional(json, "narHash", path.NarHash?.ToString());
        if (path.NarSize is { } size)
        {
            json.WriteNumber("narSize"u8, size);
        }

        WriteList(json, "references", path.References);
        WriteOptional(json, "deriver", path.Deriver);
        WriteOptional(json, "ca", path.ContentAddress?.ToString());
        WriteList(json, "signatures", path.Signatures.Select(signature => signature.ToString()));
        if (path.RegistrationTime is { } time)
        {
            json.WriteNumber("registrationTime"u8, time.ToUnixTimeSeconds());
        }

        json.WriteBoolean("ultimate"u8, path.Ultimate);
        json.WriteString("realPath"u8, path.RealPath);
        json.WriteString("store"u8, path.Store);
    });

    /// <inheritdoc/>
    public void Write(StorePathRepair repair) => WriteLine(repair, static (json, repair) =>
    {
        json.WriteString("path"u8, repair.Path);
        json.WriteString("outcome"u8, repair.Outcome.ToString());
        WriteOptional(json, "source", repair.Source);
        WriteList(json, "files", repair.Files);
        WriteList(json, "columns", repair.Columns);
        json.WriteNumber("bytesWritten"u8, repair.BytesWritten);
        json.WriteNumber("bytesRead"u8, repair.BytesRead);
        WriteProblems(json, repair.Problems);
        WriteList(json, "alsoRepaired", repair.AlsoRepaired);
        json.WriteNumber("seconds"u8, repair.Duration.TotalSeconds);
        json.WriteString("store"u8, repair.Store);
    });

    /// <inheritdoc/>
    public void WriteName(string path) => WriteLine(path, static (json, path) => json.WriteString("path"u8, path));

    /// <inheritdoc/>
    public void Write(StoreGarbage garbage) => WriteLine(garbage, static (json, garbage) =>
    {
        json.WriteString("path"u8, garbage.Path);
        json.WriteString("kind"u8, garbage.Kind.ToString());
        json.WriteNumber("reclaimableSize"u8, garbage.ReclaimableSize ?? 0);
        json.WriteString("store"u8, garbage.Store);
    });

    /// <inheritdoc/>
    public void Write(StoreCollectionItem item) => WriteLine(item, static (json, item) =>
    {
        json.WriteString("path"u8, item.Path);
        json.WriteString("kind"u8, item.Kind.ToString());
        json.WriteString("outcome"u8, item.Outcome.ToString());
        json.WriteNumber("freedBytes"u8, item.FreedBytes);
        WriteOptional(json, "reason", item.Reason);
        json.WriteString("store"u8, item.Store);
    });

    /// <inheritdoc/>
    public void Write(StoreCollection collection) => WriteLine(collection, static (json, collection) =>
    {
        json.WriteString("id"u8, collection.Id);
        json.WriteNumber("removedCount"u8, collection.RemovedCount);
        json.WriteNumber("freedBytes"u8, collection.FreedBytes);
        json.WriteNumber("inUseCount"u8, collection.InUseCount);
        json.WriteNumber("failedCount"u8, collection.FailedCount);
        json.WriteBoolean("trashed"u8, collection.Trashed);
        json.WriteString("journal"u8, collection.Journal);
        json.WriteNumber("seconds"u8, collection.Duration.TotalSeconds);
        json.WriteString("store"u8, collection.Store);
    });

    /// <inheritdoc/>
    public void Write(OverlayPublication publication) => WriteLine(publication, static (json, publication) =>
    {
        json.WriteString("path"u8, publication.Path);
        json.WriteString("method"u8, publication.Method.ToString());
        json.WriteBoolean("requested"u8, publication.IsRequested);
        json.WriteNumber("narSize"u8, publication.NarSize);
        json.WriteString("lowerStore"u8, publication.LowerStore);
        json.WriteString("store"u8, publication.Store);
    });

    /// <inheritdoc/>
    public void Write(OverlayDuplicate duplicate) => WriteLine(duplicate, static (json, duplicate) =>
    {
        json.WriteString("path"u8, duplicate.Path);
        json.WriteBoolean("prediction"u8, duplicate.IsPrediction);
        json.WriteNumber("bytesFreed"u8, duplicate.BytesFreed);
        json.WriteNumber("narSize"u8, duplicate.NarSize);
        json.WriteString("lowerStore"u8, duplicate.LowerStore);
        json.WriteString("store"u8, duplicate.Store);
    });

    /// <inheritdoc/>
    public void Write(StoreOptimisation optimisation) => WriteLine(optimisation, static (json, optimisation) =>
    {
        json.WriteBoolean("prediction"u8, optimisation.IsPrediction);
        json.WriteNumber("paths"u8, optimisation.Paths);
        json.WriteNumber("filesExamined"u8, optimisation.FilesExamined);
        json.WriteNumber("filesLinked"u8, optimisation.FilesLinked);
        json.WriteNumber("bytesFreed"u8, optimisation.BytesFreed);
        json.WriteNumber("linksCreated"u8, optimisation.LinksCreated);
        json.WriteNumber("filesSkipped"u8, optimisation.FilesSkipped);
        json.WriteNumber("badLinks"u8, optimisation.BadLinks);
        json.WriteNumber("badLinksMended"u8, optimisation.BadLinksMended);
        json.WriteNumber("seconds"u8, optimisation.Duration.TotalSeconds);
        json.WriteString("store"u8, optimisation.Store);
    });

    /// <inheritdoc/>
    public void Warn(string message) => WriteErrorLine(message, static (json, message) => json.WriteString("warning"u8, message));

    /// <inheritdoc/>
    public void WriteError(NixStoreException error) => WriteErrorLine(error, static (json, error) =>
    {
        json.WriteString("error"u8, error.ErrorId);
        json.WriteString("kind"u8, error.Kind.ToString());
        json.WriteString("message"u8, error.Message);
        WriteOptional(json, "target", error.Target);
        WriteOptional(json, "remedy", error.Remedy);
    });

    /// <inheritdoc/>
    public void Track(string activity, VerificationProgress progress, Action work) => work();

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _lines.Dispose();
    }

    private void WriteLine<T>(T item, Action<Utf8JsonWriter, T> writeFields) => _lines.Append(Compose(item, writeFields)).EndLine();

    private void WriteErrorLine<T>(T item, Action<Utf8JsonWriter, T> writeFields)
    {
        _lines.Flush();
        using var errors = Console.OpenStandardError();
        errors.Write(Compose(item, writeFields));
        errors.Write("\n"u8);
    }

    /// <summary>The object as text, until the next one. The fields are written by static functions, none of which is made anew for an object.</summary>
    private ReadOnlySpan<byte> Compose<T>(T item, Action<Utf8JsonWriter, T> writeFields)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        writeFields(_json, item);
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan;
    }

    private static void WriteProblems(Utf8JsonWriter json, IReadOnlyList<StorePathProblem> problems)
    {
        if (problems.Count == 0)
        {
            return;
        }

        json.WriteStartArray("problems"u8);
        foreach (var problem in problems)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, problem.Kind.ToString());
            json.WriteString("file"u8, problem.File);
            WriteOptional(json, "expected", problem.Expected);
            WriteOptional(json, "actual", problem.Actual);
            WriteOptional(json, "detail", problem.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
