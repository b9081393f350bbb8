using System.Text.Json;
using System.Text.Json.Serialization;

namespace NixStore;

/// <summary>How a <see cref="StoreGarbagePlan"/> is saved, made when this is compiled: the executable has no reflection to make it with.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    WriteIndented = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoreGarbagePlan))]
[JsonSerializable(typeof(StoreGarbagePlan.Saved))]
internal sealed partial class StoreGarbagePlanJson : JsonSerializerContext;
