using System.Text.Json;
using System.Text.Json.Serialization;

namespace NixStore.Engine.Collection;

/// <summary>How a <see cref="JournalEntry"/> is written, made when this is compiled: the executable has no reflection to make it with.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
