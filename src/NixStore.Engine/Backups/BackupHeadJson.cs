using System.Text.Json;
using System.Text.Json.Serialization;

namespace NixStore.Engine.Backups;

/// <summary>How a <see cref="BackupHead"/> is written, made when this is compiled: the executable has no reflection to make it with.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupHead))]
internal sealed partial class BackupHeadJson : JsonSerializerContext;
