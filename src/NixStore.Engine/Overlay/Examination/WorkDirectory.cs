using System.Text.Json;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>The work directory of an overlay that is not mounted, which its URL does not say.</summary>
internal static class WorkDirectory
{
    /// <summary>As the description says that New-OverlayStore leaves in the state directory; null when there is none.</summary>
    internal static string? Find(StoreLocation store)
    {
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From($"{store.StateDirectory}/nixstore-overlay.json"),
            OpenFlags.ReadOnly | OpenFlags.NoAccessTime | OpenFlags.NonBlocking, 0, out _);
        if (file is null)
        {
            return null;
        }

        try
        {
            using var description = JsonDocument.Parse(Posix.ReadAll(file));
            return description.RootElement.EnumerateObject()
                .FirstOrDefault(property => property.Name.Equals("WorkDirectory", StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: JsonValueKind.String } value
                ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
