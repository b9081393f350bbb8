using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>
/// What a plan has taken, as it lies in the cache itself: <c>nixstore-trash/PLAN/</c> with the plan's summary, lists of what was taken, restored and
/// cleared, and the objects. So it can come back without the plan, the catalog, or the machine that pruned.
/// </summary>
internal sealed partial class TrashFolder(IObjectControl control, string prefix, string planId)
{
    private const int LargestList = 64 << 20;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Where it is.</summary>
    internal IObjectControl Control => control;

    /// <summary>The plan.</summary>
    internal string PlanId { get; } = PlanIdForm().IsMatch(planId) ? planId : throw new NixStoreException("InvalidPlanId", StoreErrorKind.InvalidArgument,
        $"'{planId}' is not the name of a plan.", planId, "Get-BinaryCacheTrash says which there are.");

    private string Root => $"{prefix}{PlanId}/";

    /// <summary>The plans that have a folder.</summary>
    internal static IEnumerable<string> Find(IObjectControl control, string prefix, CancellationToken cancellation)
    {
        // From folder to folder: what is in them may be millions.
        for (string? after = null; ;)
        {
            var next = control.List(prefix, after, cancellation).FirstOrDefault(state => state.Key.IndexOf('/', prefix.Length) > 0);
            if (next is null)
            {
                yield break;
            }

            var id = next.Key[prefix.Length..next.Key.IndexOf('/', prefix.Length)];
            if (PlanIdForm().IsMatch(id))
            {
                yield return id;
            }

            after = $"{prefix}{id}0";
        }
    }

    /// <summary>Where an object lies.</summary>
    internal string ObjectKey(string key) => $"{Root}objects/{key}";

    /// <summary>Where something beside the objects lies.</summary>
    internal string FileKey(string name) => Root + name;

    /// <summary>Says what the folder is; the first thing in it.</summary>
    internal Task WriteAbout(TrashAbout about, CancellationToken cancellation) => control.Write(Root + "trash.json", JsonSerializer.SerializeToUtf8Bytes(about, s_json), cancellation);

    /// <summary>What the folder is; null when there is none.</summary>
    /// <exception cref="NixStoreException">TrashDamaged; errors of reading.</exception>
    internal async Task<TrashAbout?> ReadAbout(CancellationToken cancellation)
    {
        var bytes = await control.Read(Root + "trash.json", null, LargestList, cancellation).ConfigureAwait(false);
        return bytes is null ? null : Parse<TrashAbout>(bytes, "trash.json");
    }

    /// <summary>Puts a file beside it.</summary>
    internal Task WriteFile(string name, byte[] bytes, CancellationToken cancellation) => control.Write(Root + name, bytes, cancellation);

    /// <summary>Files beside it.</summary>
    internal async IAsyncEnumerable<(string Name, byte[] Bytes)> ReadFiles(string folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        // What a killed run has half written says nothing: the next run writes it anew, under its name.
        foreach (var state in control.List($"{Root}{folder}/", null, cancellation).Where(state => !TemporaryFile.IsNameOfOne(state.Key)))
        {
            if (await control.Read(state.Key, null, LargestList, cancellation).ConfigureAwait(false) is { } bytes)
            {
                yield return (state.Key[Root.Length..], bytes);
            }
        }
    }

    /// <summary>Lists what a batch is about to take: should the machine be lost before <see cref="WriteTaken"/>, it is found by this all the same.</summary>
    internal Task WriteIntended(int wave, long batch, IEnumerable<WaveObject> objects, DateTimeOffset at, CancellationToken cancellation)
        => WriteList(TakenName(wave, batch), objects.Select(item => TrashRecord.Intended(item, at)), cancellation);

    /// <summary>Lists what a batch has taken, in the place of what it intended to; written again by whoever does the batch again.</summary>
    internal Task WriteTaken(int wave, long batch, IEnumerable<TrashRecord> records, CancellationToken cancellation)
        => WriteList(TakenName(wave, batch), records, cancellation, evenIfEmpty: true);

    /// <summary>Lists what has been brought back.</summary>
    internal Task WriteRestored(IEnumerable<TrashRecord> records, CancellationToken cancellation) => WriteList($"restored/{NewName()}", records, cancellation);

    /// <summary>Lists what was deleted for good.</summary>
    internal Task WriteCleared(IEnumerable<TrashRecord> records, CancellationToken cancellation) => WriteList($"cleared/{NewName()}", records, cancellation);

    /// <summary>Reads the lists of a kind: taken, restored, cleared. What they name is checked.</summary>
    /// <exception cref="NixStoreException">TrashDamaged, InvalidObjectKey; errors of reading.</exception>
    internal async IAsyncEnumerable<TrashRecord> ReadLists(string kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (name, bytes) in ReadFiles(kind, cancellation).ConfigureAwait(false))
        {
            foreach (var record in RecordsOf(name, bytes))
            {
                yield return record;
            }
        }
    }

    /// <summary>The paths of any plan that have come back since a moment, and when, by the server's clock: from this trash, and from the one in the cache.</summary>
    /// <exception cref="NixStoreException">As of <see cref="ReadLists"/>.</exception>
    internal async Task<IReadOnlyDictionary<string, DateTimeOffset>> FindRestored(IObjectControl cache, DateTimeOffset since, CancellationToken cancellation)
    {
        var restored = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var folders = Find(control, prefix, cancellation).Select(id => new TrashFolder(control, prefix, id));
        var others = ReferenceEquals(cache, control) ? [] : Find(cache, ObjectKeys.TrashPrefix, cancellation).Select(id => new TrashFolder(cache, ObjectKeys.TrashPrefix, id));
        foreach (var folder in folders.Concat(others))
        {
            foreach (var list in folder.Control.List($"{folder.Root}restored/", null, cancellation).Where(state => state.LastModified >= since && !TemporaryFile.IsNameOfOne(state.Key)))
            {
                var bytes = await folder.Control.Read(list.Key, null, LargestList, cancellation).ConfigureAwait(false) ?? [];
                foreach (var record in folder.RecordsOf(list.Key[folder.Root.Length..], bytes))
                {
                    if (ObjectKeys.IsNarInfo(record.Key, out var hash) && !(restored.TryGetValue(hash, out var at) && at > list.LastModified))
                    {
                        restored[hash] = list.LastModified;
                    }
                }
            }
        }

        return restored;
    }

    /// <summary>Removes what is left of the folder, when nothing in it can be brought back any more.</summary>
    internal async Task Remove(CancellationToken cancellation)
    {
        foreach (var some in control.List(Root, null, cancellation).Select(state => state.Key).ToList().Chunk(1000))
        {
            await control.Delete(some, cancellation).ConfigureAwait(false);
        }
    }

    private IEnumerable<TrashRecord> RecordsOf(string name, byte[] bytes)
    {
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var record = Parse<TrashRecord>(Encoding.UTF8.GetBytes(line), name);
            yield return Plans.PlanKey.IsValid(record.Key, record.Kind) ? record : throw Damaged(name, $"it names the object '{record.Key}' as a {record.Kind}, which it cannot be");
        }
    }

    private Task WriteList(string name, IEnumerable<TrashRecord> records, CancellationToken cancellation, bool evenIfEmpty = false)
    {
        var text = new MemoryStream();
        foreach (var record in records)
        {
            JsonSerializer.Serialize(text, record, s_json);
            text.WriteByte((byte)'\n');
        }

        return text.Length == 0 && !evenIfEmpty ? Task.CompletedTask : control.Write(Root + name, text.ToArray(), cancellation);
    }

    private static string TakenName(int wave, long batch) => string.Create(CultureInfo.InvariantCulture, $"taken/{wave}-{batch:D9}.jsonl");

    private static string NewName() => string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd'T'HHmmss.fff'Z'}-{Guid.NewGuid().ToString("N")[..12]}.jsonl");

    private T Parse<T>(byte[] bytes, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, s_json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException error)
        {
            throw Damaged(name, error.Message, error);
        }
    }

    private NixStoreException Damaged(string name, string what, Exception? inner = null) => new("TrashDamaged", StoreErrorKind.InvalidData,
        $"'{Root}{name}' in the trash of '{control.Address}' cannot be used: {what}.", $"{Root}{name}", "Somebody has tampered with it; restore what is needed by hand.", inner);

    [GeneratedRegex(@"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\z")]
    private static partial Regex PlanIdForm();
}

/// <summary>What a folder of the trash is.</summary>
/// <param name="FormatVersion">Of the folder.</param>
/// <param name="PlanId">The plan.</param>
/// <param name="Method">How its objects come back.</param>
/// <param name="Cache">Address of the cache, without secrets.</param>
/// <param name="StoreDirectory">Of its paths.</param>
/// <param name="BegunAt">When the plan was first applied.</param>
/// <param name="SettledAt">When the plan was through; until then what is taken may be needed again.</param>
/// <param name="NoncurrentDays">After how many days the bucket's own lifecycle deleted older versions when the plan was begun with; null = it did not.</param>
internal sealed record TrashAbout(
    int FormatVersion, string PlanId, TrashMethod Method, string Cache, string StoreDirectory, DateTimeOffset BegunAt, DateTimeOffset? SettledAt, int? NoncurrentDays = null);
