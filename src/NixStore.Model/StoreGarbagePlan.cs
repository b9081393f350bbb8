using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NixStore;

/// <summary>
/// What is to be collected, to be looked at, saved, compared and applied later. Applying it deletes nothing that has come alive since, and
/// nothing that is not in it.
/// </summary>
public sealed record StoreGarbagePlan
{
    /// <summary>The version of the saved form.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the saved form.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>What it is called.</summary>
    public required string Id { get; init; }

    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>What tells the store from another at the same place: file system and inode of its directory, and its logical name.</summary>
    public required string StoreIdentity { get; init; }

    /// <summary>Name of the machine it was made on.</summary>
    public required string Host { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>How the items were chosen.</summary>
    public required StoreGarbagePolicy Policy { get; init; }

    /// <summary>The permanent roots there were.</summary>
    public required IReadOnlyList<StorePlanRoot> Roots { get; init => field = Indexable.Of(value); }

    /// <summary>What goes, in order.</summary>
    public required IReadOnlyList<StoreGarbage> Items { get; init => field = Indexable.Of(value); }

    /// <summary>Number of registered paths that stay.</summary>
    public required long KeptCount { get; init; }

    /// <summary>Number of things that go.</summary>
    public long Count => Items.Count;

    /// <summary>Bytes of disk space that come free when all of it goes.</summary>
    public long ReclaimableSize => Items.Sum(item => item.ReclaimableSize ?? 0);

    /// <summary>SHA-256 over the saved form without this field, in base 16: tells plans apart, and a damaged one from a whole one.</summary>
    public string Digest { get; private init; } = "";

    /// <summary>The plan with its digest.</summary>
    public StoreGarbagePlan Seal() => this with { Digest = Compute() };

    /// <summary>The saved form.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Saved(this, Digest), StoreGarbagePlanJson.Default.Saved);

    /// <summary>Reads the saved form.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">Where it is from, for messages.</param>
    /// <exception cref="NixStoreException">PlanDamaged, PlanTooNew</exception>
    public static StoreGarbagePlan FromJson(string json, string origin)
    {
        try
        {
            // By itself: what a newer version has added would be called damage.
            if (JsonNode.Parse(json)?["plan"]?["version"]?.GetValue<int>() is { } version && version > CurrentVersion)
            {
                throw new NixStoreException("PlanTooNew", StoreErrorKind.NotSupported,
                    $"The plan '{origin}' is of version {version}; this NixStore knows {CurrentVersion}.", origin, "Apply it with the NixStore that made it.");
            }

            var saved = JsonSerializer.Deserialize(json, StoreGarbagePlanJson.Default.Saved) ?? throw new JsonException("it is null");
            var plan = saved.Plan with { Digest = saved.Digest };
            return plan.Compute() == plan.Digest ? plan : throw new JsonException("its digest does not fit: it was changed or cut off");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new NixStoreException("PlanDamaged", StoreErrorKind.InvalidData, $"The plan '{origin}' cannot be used: {error.Message}", origin,
                "Make a new one with New-StoreGarbagePlan.", error);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {Count} to remove, {ByteSize.Format(ReclaimableSize)} to free";

    private string Compute() => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Digest = "" }, StoreGarbagePlanJson.Default.StoreGarbagePlan)));

    /// <summary>What is in the file.</summary>
    internal sealed record Saved(StoreGarbagePlan Plan, string Digest);
}

/// <summary>A root as a plan saw it.</summary>
/// <param name="Link">The link or file.</param>
/// <param name="Path">Full logical path that it keeps.</param>
public sealed record StorePlanRoot(string Link, string Path);
