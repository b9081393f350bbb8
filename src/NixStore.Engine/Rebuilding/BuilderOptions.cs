using System.Text;
using System.Text.Json;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// What a derivation asks for that decides which references its outputs get (Nix libstore/derivation-options.cc).
/// </summary>
/// <param name="Discarding">Outputs whose contents are not scanned: they have no references, whatever they mention.</param>
/// <param name="SeesMore">True when the builder may add paths to the store while it runs, and refer to them.</param>
internal sealed record BuilderOptions(IReadOnlySet<string> Discarding, bool SeesMore)
{
    private const string DiscardAttribute = "unsafeDiscardReferences";
    private const string FeaturesAttribute = "requiredSystemFeatures";
    private const string RecursiveFeature = "recursive-nix";

    /// <summary>What nearly all derivations ask for.</summary>
    private static readonly BuilderOptions s_usual = new(new HashSet<string>(), SeesMore: false);

    /// <summary>Reads them from the attributes of a derivation.</summary>
    internal static BuilderOptions Of(Derivation derivation)
    {
        if (derivation.Environment.TryGetValue(ByteString.FromText("__json"), out var structured))
        {
            // Not parsed where neither of the two is in it.
            return structured.Span.IndexOf("unsafeDiscardReferences"u8) < 0 && structured.Span.IndexOf("recursive-nix"u8) < 0
                ? s_usual : OfStructured(structured.Span);
        }

        return derivation.Environment.TryGetValue(ByteString.FromText(FeaturesAttribute), out var features)
            && features.ToString().Split([' ', '\t', '\n', '\r'], StringSplitOptions.None).Contains(RecursiveFeature)
            ? s_usual with { SeesMore = true } : s_usual;
    }

    private static BuilderOptions OfStructured(ReadOnlySpan<byte> json)
    {
        try
        {
            using var attributes = JsonDocument.Parse(Encoding.UTF8.GetString(json));
            var root = attributes.RootElement;
            var discarding = root.TryGetProperty(DiscardAttribute, out var discard) && discard.ValueKind == JsonValueKind.Object
                ? discard.EnumerateObject().Where(output => output.Value.ValueKind == JsonValueKind.True).Select(output => output.Name) : [];
            var seesMore = root.TryGetProperty(FeaturesAttribute, out var features) && features.ValueKind == JsonValueKind.Array
                && features.EnumerateArray().Any(feature => feature.ValueKind == JsonValueKind.String && feature.GetString() == RecursiveFeature);
            return new BuilderOptions(discarding.ToHashSet(StringComparer.Ordinal), seesMore);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Nix could not have built it either.
            return s_usual;
        }
    }
}
