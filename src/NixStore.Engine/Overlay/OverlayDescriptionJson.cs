using System.Text.Json;
using System.Text.Json.Serialization;

namespace NixStore.Engine.Overlay;

/// <summary>How an <see cref="OverlayDescription"/> is written, made when this is compiled: the executable has no reflection to make it with.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OverlayDescription))]
internal sealed partial class OverlayDescriptionJson : JsonSerializerContext;
