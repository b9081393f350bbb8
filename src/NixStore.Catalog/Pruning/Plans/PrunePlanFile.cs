using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>
/// The file <c>plan.json</c>, written last: a folder without it is no plan. Its text up to the line of <c>id</c> is what the digest is of, so that
/// anybody can compute it: <c>sed '/^  "id":/,$d' plan.json</c>, without the last line break.
/// </summary>
internal static class PrunePlanFile
{
    /// <summary>The name of the file.</summary>
    internal const string FileName = "plan.json";

    private const int MaximumSize = 1 << 28;
    private const string EndOfDigest = "\n  \"id\":";

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>Gives a plan its digest and its name.</summary>
    internal static BinaryCachePrunePlan Seal(BinaryCachePrunePlan plan)
    {
        var digest = DigestOf(TextOf(plan));
        return plan with { Digest = digest, Id = string.Create(CultureInfo.InvariantCulture, $"{plan.CreatedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{digest[..8]}") };
    }

    /// <summary>Writes a sealed plan, durably, in the place of one that is there.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Write(string directory, BinaryCachePrunePlan plan)
        => DurableFile.Write(Path.Combine(directory, FileName), stream => stream.Write(Encoding.UTF8.GetBytes(TextOf(plan))));

    /// <summary>Reads the plan of a folder and checks its digest.</summary>
    /// <exception cref="NixStoreException">PrunePlanNotFound, PrunePlanDamaged, PrunePlanTooNew; errors of reading.</exception>
    internal static BinaryCachePrunePlan Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly, 0, out var error);
        if (file is null)
        {
            throw error is Errno.NoEntry or Errno.NotDirectory ? new NixStoreException("PrunePlanNotFound", StoreErrorKind.NotFound,
                $"'{directory}' is no plan: it has no {FileName}.", directory, "Make one by New-BinaryCachePrunePlan, or check the path.") : new StoreIOException("open", path, error);
        }

        try
        {
            return Parse(directory, Encoding.UTF8.GetString(Posix.ReadAll(file, MaximumSize)));
        }
        catch (Exception inner) when (inner is JsonException or InvalidOperationException or FormatException or NotSupportedException)
        {
            throw PlanErrors.Damaged(directory, $"{FileName}: {inner.Message}", inner);
        }
    }

    private static BinaryCachePrunePlan Parse(string directory, string text)
    {
        // By itself: what a newer version has added would be called damage.
        if (JsonNode.Parse(text)?["formatVersion"]?.GetValue<int>() is { } version && version > BinaryCachePrunePlan.CurrentFormat)
        {
            throw new NixStoreException("PrunePlanTooNew", StoreErrorKind.NotSupported,
                $"The plan '{directory}' is of format {version}; this version knows formats up to {BinaryCachePrunePlan.CurrentFormat}.", directory, "Use the version of NixStore that made it, or a newer one.");
        }

        var plan = JsonSerializer.Deserialize<BinaryCachePrunePlan>(text, s_options) ?? throw new JsonException("it is empty");
        var sealedPlan = Seal(plan);
        return plan.Digest == DigestOf(text) && plan.Id == sealedPlan.Id ? plan with { Plan = directory } : throw new JsonException("its digest does not fit: it was changed, or cut off");
    }

    private static string TextOf(BinaryCachePrunePlan plan) => JsonSerializer.Serialize(plan, s_options) + "\n";

    private static string DigestOf(string text)
    {
        var end = text.IndexOf(EndOfDigest, StringComparison.Ordinal);
        return end < 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text[..end])));
    }
}
