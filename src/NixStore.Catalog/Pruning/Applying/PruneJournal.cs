using System.Text.Json;
using System.Text.Json.Serialization;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>
/// The journal of applying a plan, <c>run/journal.jsonl</c> in its folder: lines are only ever added, and are on the disk before what they announce is
/// done. A last line that a crash has torn is cut off. One process at a time. Safe for several threads.
/// </summary>
internal sealed class PruneJournal : IDisposable
{
    /// <summary>The folder beside the plan's tables.</summary>
    internal const string FolderName = "run";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Lock _gate = new();
    private readonly FileDescriptor _file;
    private readonly TimeProvider _clock;

    private PruneJournal(string folder, FileDescriptor file, TimeProvider clock)
    {
        Folder = folder;
        _file = file;
        _clock = clock;
    }

    /// <summary>The folder of what belongs to the run.</summary>
    internal string Folder { get; }

    /// <summary>What the lines amount to.</summary>
    internal PruneState State { get; } = new();

    /// <summary>The time, as it is written into lines.</summary>
    internal DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>What a plan's journal says, without opening it for a run; the state of a plan that nobody has applied when there is none.</summary>
    /// <exception cref="NixStoreException">PruneJournalDamaged; errors of reading.</exception>
    internal static PruneState Read(string plan)
    {
        var state = new PruneState();
        var path = PathOf(plan);
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly, 0, out var error);
        if (file is not null)
        {
            Parse(Posix.ReadAll(file, int.MaxValue - 1), path, state);
        }

        return file is not null || error is Errno.NoEntry or Errno.NotDirectory ? state : throw new StoreIOException("open", path, error);
    }

    /// <summary>Opens the journal of a plan for a run.</summary>
    /// <exception cref="NixStoreException">PruneBusy: somebody else applies the plan; PruneJournalDamaged; errors of reading and writing.</exception>
    internal static PruneJournal Open(string plan, TimeProvider clock)
    {
        var folder = Directory.CreateDirectory(Path.Combine(plan, FolderName)).FullName;
        var path = PathOf(plan);
        var file = Posix.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Append, 0b110_100_100);
        try
        {
            if (!Posix.TryFlock(file, LockMode.Exclusive))
            {
                throw new NixStoreException("PruneBusy", StoreErrorKind.Busy, $"Somebody else is applying the plan '{plan}'.", plan, "Wait for it to end, then run the command again.");
            }

            var journal = new PruneJournal(folder, file, clock);
            var whole = Parse(Posix.ReadAll(file, int.MaxValue - 1), path, journal.State);
            Posix.Truncate(file, whole);
            Sync(folder);
            Sync(plan);
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds lines; durable when this returns.</summary>
    /// <exception cref="StoreIOException"/>
    internal void Add(params ReadOnlySpan<PruneEntry> entries)
    {
        lock (_gate)
        {
            var text = new MemoryStream();
            foreach (var entry in entries)
            {
                var timed = entry with { Time = _clock.GetUtcNow() };
                JsonSerializer.Serialize(text, timed, s_json);
                text.WriteByte((byte)'\n');
                State.Apply(timed);
            }

            Posix.WriteAll(_file, text.GetBuffer().AsSpan(0, (int)text.Length));
            Posix.Fsync(_file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A process that is just being started has the descriptor too, until it executes its program.
        Posix.Unlock(_file);
        _file.Dispose();
    }

    private static string PathOf(string plan) => Path.Combine(plan, FolderName, "journal.jsonl");

    /// <summary>Reads the whole lines; gives the length of them.</summary>
    private static long Parse(ReadOnlySpan<byte> text, string path, PruneState state)
    {
        var (length, number) = (0L, 0);
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
        {
            number++;
            try
            {
                state.Apply(JsonSerializer.Deserialize<PruneEntry>(text[..end], s_json) ?? throw new JsonException("it is null"));
            }
            catch (Exception error) when (error is JsonException or NotSupportedException)
            {
                throw new NixStoreException("PruneJournalDamaged", StoreErrorKind.InvalidData, $"Line {number} of the journal '{path}' cannot be read: {error.Message}", path,
                    "Look at the line; the rest is plain JSON, a line for each event. Restore what was taken by Restore-BinaryCacheTrash, and make a new plan.", error);
            }

            length += end + 1;
        }

        return length;
    }

    private static void Sync(string directory)
    {
        using var folder = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        Posix.Fsync(folder);
    }
}
