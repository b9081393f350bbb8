using System.Buffers;
using System.Globalization;
using System.Text.Json;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Collection;

/// <summary>
/// The record of a collection, a line of JSON for each event: <c>&lt;state&gt;/nixstore/journal/&lt;id&gt;.jsonl</c>, and in <c>trash</c> beside
/// it for what can be restored. What is about to be removed is on the disk before it is. Safe for several threads.
/// </summary>
public sealed class CollectionJournal : IDisposable
{
    private const int FileMode = 0b110_100_100;

    private static readonly JsonWriterOptions s_json = new() { SkipValidation = true };

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly FileDescriptor _file;

    private CollectionJournal(string id, FileDescriptor file) => (Id, _file) = (id, file);

    /// <summary>What the collection is called: the time it began, in UTC, and its process.</summary>
    public string Id { get; }

    /// <summary>Its file.</summary>
    public string Path => _file.Path;

    /// <summary>Where the journals of a store are.</summary>
    public static string DirectoryOf(StoreLocation store, bool trash) => $"{store.StateDirectory}/nixstore/{(trash ? "trash" : "journal")}";

    /// <summary>Begins a journal.</summary>
    /// <param name="store">The store.</param>
    /// <param name="trash">True when what is removed goes into the trash.</param>
    /// <exception cref="StoreIOException"/>
    public static CollectionJournal Create(StoreLocation store, bool trash)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd'T'HHmmss.fff'Z'}-{Environment.ProcessId}");
        var directory = Directory.CreateDirectory(DirectoryOf(store, trash)).FullName;
        return new CollectionJournal(
            id, Posix.Open($"{directory}/{id}.jsonl", OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Append, FileMode));
    }

    /// <summary>Opens a journal to add lines to it.</summary>
    /// <exception cref="StoreIOException"/>
    public static CollectionJournal Open(string path)
        => new(System.IO.Path.GetFileNameWithoutExtension(path), Posix.Open(path, OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.NoFollow));

    /// <summary>Reads a journal; a last line that was cut off by a crash is left out.</summary>
    /// <exception cref="NixStoreException">JournalDamaged</exception>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<JournalEntry> Read(string path)
    {
        using var file = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.NoAccessTime);
        ReadOnlySpan<byte> text = Posix.ReadAll(file, int.MaxValue - 1);
        var entries = new List<JournalEntry>();
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
        {
            try
            {
                entries.Add(JsonSerializer.Deserialize(text[..end], JournalJson.Default.JournalEntry)
                    ?? throw new JsonException("it is null"));
            }
            catch (Exception error) when (error is JsonException or NotSupportedException)
            {
                throw new NixStoreException("JournalDamaged", StoreErrorKind.InvalidData,
                    $"Line {entries.Count + 1} of the journal '{path}' cannot be read: {error.Message}", path,
                    "Look at the line; the rest of the journal is plain JSON, a line for each event.", error);
            }
        }

        return entries;
    }

    /// <summary>Adds lines.</summary>
    /// <exception cref="StoreIOException"/>
    public void Write(IEnumerable<JournalEntry> entries)
    {
        lock (_gate)
        {
            _lines.ResetWrittenCount();
            using var json = new Utf8JsonWriter(_lines, s_json);
            foreach (var entry in entries)
            {
                JsonSerializer.Serialize(json, entry, JournalJson.Default.JournalEntry);
                json.Flush();
                _lines.Write("\n"u8);
                json.Reset();
            }

            Posix.WriteAll(_file, _lines.WrittenSpan);
        }
    }

    /// <summary>Makes all lines durable.</summary>
    /// <exception cref="StoreIOException"/>
    public void Sync() => Posix.Fsync(_file);

    /// <summary>Removes it, when nothing came of the collection.</summary>
    public void Discard() => File.Delete(Path);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
