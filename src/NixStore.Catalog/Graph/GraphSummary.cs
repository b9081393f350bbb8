using System.Text.Json;
using System.Text.Json.Serialization;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Catalog.Graph;

/// <summary>What graph.json says; it is written last, so a graph that has it is whole.</summary>
/// <param name="FormatVersion">Of these files; another one is made anew.</param>
/// <param name="Narinfos">Number of nodes.</param>
/// <param name="Slots">Places for edges in the file of edges; those of what turned out to be none are empty.</param>
/// <param name="References">Number of edges.</param>
/// <param name="SelfReferences">References to themselves, which are no edges.</param>
/// <param name="DanglingReferences">References to what the catalog does not have, which are no edges.</param>
/// <param name="IsWide">Whether 128 bits of a hash are compared.</param>
internal sealed record GraphSummary(
    int FormatVersion, int Narinfos, long Slots, long References, long SelfReferences, long DanglingReferences, bool IsWide)
{
    /// <summary>The format that is written and read.</summary>
    internal const int CurrentVersion = 2;

    private const string FileName = "graph.json";

    /// <summary>Reads that of a folder; null when there is none that can be used.</summary>
    internal static GraphSummary? TryRead(string folder)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize(file, GraphJson.Default.GraphSummary) is { FormatVersion: CurrentVersion } summary ? summary : null;
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it into a folder.</summary>
    /// <exception cref="StoreIOException"/>
    internal void Write(string folder)
        => DurableFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, GraphJson.Default.GraphSummary));
}

/// <summary>How the summary is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(GraphSummary))]
internal sealed partial class GraphJson : JsonSerializerContext;
